import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { CommandLab } from '../../helpers/command-lab.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import type { DesktopApp } from '../desktop-app.ts';
import { sharedDesktopLab } from '../desktop-lab.ts';

/** The server that is lost. */
const lost = sharedDesktopLab({ isSetUp: true });

beforeAll(async () => void (await lost.command().json(['backup'])));

/** A desktop on another machine, whose keyring Electron does not know, as on i3 or sway. */
function startWithoutKeyring(machine: CommandLab): DesktopApp {
  // Whatever Docker this machine has is none of the test's.
  const env = { TRINITY_STAND_IN_BACKEND: 'basic_text', DOCKER_HOST: 'unix:///nowhere/docker.sock' };
  return lost.start(['--password-store=basic'], env, machine);
}

async function emptyMachine(): Promise<CommandLab> {
  return new CommandLab(await tempFolder());
}

async function openVault(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Restore from a backup I have' }).click();
  await page.getByLabel('Folder of the vault').fill(lost.command().vault);
  await page.getByRole('textbox', { name: 'Recovery key' }).fill(lost.command().recoveryKey);
  await page.getByRole('button', { name: 'Open the vault' }).click();
}

/** The files of a home that hold a text. */
function filesWith(folder: string, text: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files
    .map((file) => path.join(file.parentPath, file.name))
    .filter((file) => readFileSync(file).includes(text));
}

describe('a desktop without a keyring', () => {
  it('restores a server by the key that is typed in, which it asks for again after the next start', async () => {
    const machine = await emptyMachine();
    const app = startWithoutKeyring(machine);
    const page = await app.window();
    await openVault(page);
    await page.getByText('This desktop has no keyring that is known', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('button', { name: /2 agents: one, two/u }).click();
    await page.getByLabel('Folder for Trinity').fill(machine.install);
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('button', { name: /^Restore the server from/u }).click();
    await page.getByText(/^Restored and checked: \d+ parts\.$/u).waitFor();
    const notes = path.join(machine.install, 'volumes/agent-one-workspace/_data/notes.txt');
    expect(readFileSync(notes, 'utf8')).toBe('notes of one');
    await app.kill();
    expect(existsSync(path.join(machine.home, 'device-key'))).toBe(false);
    expect(filesWith(machine.home, lost.command().recoveryKey)).toEqual([]);

    const again = startWithoutKeyring(machine);
    await expect
      .poll(async () => (await again.tray())?.tooltip)
      .toBe('The vault is locked on this computer.');
    const locked = await again.window();
    await locked.evaluate('location.hash = "#/unlock"');
    await locked.getByRole('textbox', { name: 'Recovery key' }).fill(lost.command().recoveryKey);
    await locked.getByRole('button', { name: 'Unlock' }).click();
    await locked.getByText('The vault is open until Trinity Backup is quit', { exact: false }).waitFor();
    await expect
      .poll(async () => (await again.tray())?.tooltip)
      .not.toBe('The vault is locked on this computer.');
  });

  it('makes no vault whose key it could not keep, and says how it can', async () => {
    const machine = await emptyMachine();
    const app = startWithoutKeyring(machine);
    const page = await app.window();
    await page.getByRole('button', { name: 'Protect this server' }).click();
    await page.getByText('Key: This desktop has no keyring that is known', { exact: false }).waitFor();
    const answer = await page.evaluate(
      `trinity.call('vault.init', { location: ${JSON.stringify(machine.vault)} })`,
    );
    expect(answer).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: expect.stringContaining('--password-store=gnome-libsecret') },
    });
    expect(existsSync(machine.vault)).toBe(false);
  });
});
