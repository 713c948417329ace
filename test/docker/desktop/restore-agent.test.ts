import { existsSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sharedDesktopLab } from '../../e2e/desktop-lab.ts';
import { Pause } from '../../helpers/command-lab.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';
import { runStates } from '../../services/docker/containers.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { type Miniature, startMiniature } from '../../services/miniature/miniature.ts';

const engine = sharedEngine();
const lab = sharedDesktopLab({ isSetUp: false });
const volume = 'agent-research-public';

let miniature: Miniature;

beforeAll(async () => {
  miniature = await startMiniature({ engine });
  const command = lab.command();
  await command.json(['install', '--path', miniature.folder, '--docker-host', `unix://${engine.socket}`]);
  await command.json(['init', '--vault', command.vault]);
  await command.json(['settings', 'set', 'enabled', 'false']);
});

afterAll(async () => await miniature.remove());

describe('the desktop application on a running Trinity', () => {
  it('backs up by its tray, and brings a destroyed agent back through the wizard', async () => {
    const app = lab.start(['--hidden']);
    const folder = engine.volumeData(volume);
    // What the agent writes itself is another a moment later.
    writeFileSync(path.join(folder, 'report.txt'), 'written by hand', { mode: 0o640 });
    const isOther = (name: string): boolean => name !== '' && name !== 'report.txt';
    const report = (): string | undefined => snapshotTree(folder, isOther)['report.txt'];
    const before = { report: report(), states: await runStates(engine) };
    await app.chooseInTray('Back up now', 'Everything');
    await expect.poll(async () => (await app.tray())?.tooltip).toMatch(/^Backed up (?:just now|\d)/u);
    const held = (await readdir(folder)).filter((name) => !name.startsWith('ledger'));
    expect(held.length).toBeGreaterThan(0);
    await engine.client.getContainer('agent-research').remove({ force: true });
    await engine.client.getVolume(volume).remove();

    await app.chooseInTray('Restore…');
    const page = await app.window();
    await page.getByRole('button', { name: /^research/u }).click();
    await page
      .getByRole('button', { name: /By hand/u })
      .first()
      .click();
    await page.getByRole('button', { name: /^Back where it was/u }).click();
    // Nothing is touched before the last click.
    expect(existsSync(folder)).toBe(false);
    await page.getByRole('button', { name: /^Restore research from/u }).click();
    await page
      .getByText(/^Restored research/u)
      .or(page.getByText(/research is (?:running|restored)/u))
      .first()
      .waitFor();
    expect(await readdir(folder)).toEqual(expect.arrayContaining(held));
    expect(report()).toBe(before.report);
    await expect.poll(async () => await runStates(engine)).toEqual(before.states);
  });

  it('has an agent that was stopped for a restore brought back by its guard, when it is killed', async () => {
    await miniature.api.startAgent('research');
    const listed = z.array(z.object({ backupId: z.string() })).parse(await lab.command().json(['list']));
    const before = (await runStates(engine))['agent-research'];
    expect(before).toMatch(/^running/u);
    const lingering = new Pause(await tempFolder(), { operation: 'put', prefix: 'backups/' });
    const app = lab.start([], lingering.env);
    const page = await app.window();
    const input = {
      backupId: listed[0]?.backupId,
      agents: ['research'],
      destination: { way: 'in-place' },
      safetyBackup: true,
    };
    expect(await page.evaluate(`trinity.call("restore.start", ${JSON.stringify(input)})`)).toMatchObject({
      ok: true,
    });
    await lingering.reached();
    expect((await runStates(engine))['agent-research']).not.toBe(before);
    await app.kill();
    await expect.poll(async () => (await runStates(engine))['agent-research']).toBe(before);
  });
});
