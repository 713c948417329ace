import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { outsideDatabaseHours } from '../../../main/backup/scheduler/database-hours.ts';
import { Pause } from '../../helpers/command-lab.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';
import { sharedDesktopLab } from '../desktop-lab.ts';
import { labelsOf } from '../tray-labels.ts';

const lab = sharedDesktopLab({ isSetUp: true });

const status = z.object({ sentence: z.string(), nextRunAt: z.string().nullable() });
const hourMs = 3_600_000;

/** As the command says it, which attaches to the application. */
async function told() {
  const { stdout } = await lab.command().run(['status', '--json']);
  return status.parse(JSON.parse(stdout));
}

async function backups(): Promise<readonly Readonly<{ backupId: string; timestamp: string }>[]> {
  const listed = await lab.command().json(['list']);
  return z.array(z.object({ backupId: z.string(), timestamp: z.string() })).parse(listed);
}

describe('the application while it runs', () => {
  it('applies settings at once, and starts no backup for that', async () => {
    const command = lab.command();
    await command.json(['backup']);
    const [newest] = await backups();
    const app = lab.start();
    const page = await app.window();
    await expect.poll(async () => (await told()).nextRunAt).toBeNull();
    const planned = async (hours: number): Promise<void> => {
      await command.json(['settings', 'set', 'scheduleHours', String(hours)]);
      const expected = outsideDatabaseHours(Date.parse(newest?.timestamp ?? '') + hours * hourMs);
      await expect
        .poll(async () => Math.abs(Date.parse((await told()).nextRunAt ?? '') - expected))
        .toBeLessThan(120_000);
    };
    await command.json(['settings', 'set', 'enabled', 'true']);
    await planned(12);
    await planned(2);
    const shown = await page.evaluate('trinity.call("schedule.get", {})');
    expect(shown).toMatchObject({ ok: true, value: { state: 'running', everyHours: 2 } });
    await command.json(['settings', 'set', 'enabled', 'false']);
    await expect.poll(async () => (await told()).nextRunAt).toBeNull();
    expect(await backups()).toHaveLength(1);
  });

  it('cancels a backup from the tray, and lists nothing of it', async () => {
    const before = await backups();
    // Something new, so that something is written.
    writeFileSync(path.join(lab.command().volumes, 'agent-one-workspace/_data/new'), randomBytes(5000));
    const lingering = new Pause(await tempFolder(), { operation: 'put', prefix: 'packs/' });
    const app = lab.start([], lingering.env);
    const page = await app.window();
    await app.chooseInTray('Back up now', 'one');
    await lingering.reached();
    await expect.poll(async () => labelsOf(await app.tray())).toContain('Cancel');
    await expect.poll(async () => (await app.tray())?.tooltip).toMatch(/^Backing up/u);
    await page
      .getByRole('main')
      .getByRole('status')
      .getByText(/^Backing up/u)
      .waitFor();
    await app.chooseInTray('Cancel');
    lingering.goOn();
    await expect.poll(async () => labelsOf(await app.tray())).toContain('Recent › – just now, cancelled');
    expect(await backups()).toEqual(before);
  });

  it('puts a restore in order that was killed in the middle, at the next start', async () => {
    const command = lab.command();
    const volume = path.join(command.volumes, 'agent-one-workspace/_data');
    rmSync(path.join(volume, 'notes.txt'));
    const destroyed = snapshotTree(volume);
    const besides = (): readonly string[] =>
      readdirSync(path.dirname(volume)).filter((name) => name.startsWith('.trinity-backup-'));
    const [newest] = await backups();
    const lingering = new Pause(await tempFolder(), { operation: 'put', prefix: 'backups/' });
    const app = lab.start([], lingering.env);
    const page = await app.window();
    const input = {
      backupId: newest?.backupId,
      agents: ['one'],
      destination: { way: 'in-place' },
      safetyBackup: true,
    };
    await page.evaluate(`trinity.call("restore.start", ${JSON.stringify(input)})`);
    // All is staged by then, and what is live is being kept.
    await lingering.reached();
    await app.kill();
    expect(besides()).not.toEqual([]);
    const again = lab.start();
    const shown = await again.window();
    await shown
      .getByRole('main')
      .getByRole('status')
      .getByText(/\bBacked up /u)
      .waitFor();
    await expect.poll(besides).toEqual([]);
    expect(snapshotTree(volume)).toEqual(destroyed);
    const restored = await shown.evaluate(`trinity.call("restore.start", ${JSON.stringify(input)})`);
    expect(restored).toMatchObject({ ok: true });
    await expect.poll(() => snapshotTree(volume)).toHaveProperty(['notes.txt']);
  });
});
