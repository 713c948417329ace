import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { commandFile } from '../../helpers/command-file.ts';
import { CommandLab, emptyLab } from '../../helpers/command-lab.ts';
import { digestOfInstall } from '../crash/crash-install.ts';

type Backup = Readonly<{ backupId: string }>;

/** A build from which the enterprise edition's file was left out. */
function buildWithout(): string {
  const built = path.dirname(commandFile());
  // Beside the other, so that it finds the native packages.
  const folder = mkdtempSync(path.join(path.dirname(built), 'run-oss-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(built, folder, { recursive: true });
  rmSync(path.join(folder, 'enterprise.js'));
  return path.join(folder, path.basename(commandFile()));
}

async function setUp(env: NodeJS.ProcessEnv, command?: string): Promise<CommandLab> {
  const { base } = await emptyLab();
  const lab = new CommandLab(base, { env, ...(command === undefined ? {} : { command }) });
  await lab.setUp();
  return lab;
}

async function expectRefused(lab: CommandLab, args: readonly string[]): Promise<void> {
  const ended = await lab.run([...args, '--json']);
  expect([args, ended.code, JSON.parse(ended.stderr)]).toEqual([
    args,
    8,
    { error: { kind: 'not-entitled', message: expect.stringContaining('entitlement "backup"') } },
  ]);
}

const settings = ['retention.newest', 'drill.everyDays', 'scheduleHours'];

describe('an edition without the module backup', () => {
  it('made by leaving out its file backs up, verifies and restores, and says what it lacks with exit 8', async () => {
    const lab = await setUp({}, buildWithout());
    const before = digestOfInstall(lab);
    const { backupId } = (await lab.json(['backup'])) as Backup;
    // Proofs come by rehearsals, which this edition has none of: their age is not judged.
    expect(await lab.json(['status'])).toMatchObject({ state: 'protected' });
    expect(await lab.json(['verify', '--data', 'full'])).toMatchObject({ ok: true });
    rmSync(path.join(lab.volumes, 'agent-one-workspace/_data'), { recursive: true });
    await lab.json(['restore', backupId, '--confirm']);
    expect(digestOfInstall(lab)).toBe(before);

    const refused = [['drill'], ['prune'], ...settings.map((name) => ['settings', 'set', name, '5'])];
    for (const args of [...refused, ['init', '--vault', 's3://bucket/prefix?endpoint=http://127.0.0.1:9']]) {
      await expectRefused(lab, args);
    }
    expect(await lab.json(['prune', '--dry-run'])).toMatchObject({ pruned: [] });
    // By hand everything can go.
    await lab.json(['delete', backupId]);
    await lab.json(['undelete', backupId]);
  });

  it('made by TRINITY_OSS_ONLY=1 backs up, and says what it lacks', async () => {
    const lab = await setUp({ TRINITY_OSS_ONLY: '1' });
    await lab.json(['backup']);
    expect(await lab.json(['status'])).toMatchObject({ state: 'protected' });
    await expectRefused(lab, ['drill']);
  });

  it('lets nothing go by rules', async () => {
    const lab = await setUp({});
    await lab.json(['settings', 'set', 'retention', '{"newest":1,"daily":0,"weekly":0,"monthly":0}']);
    const without = new CommandLab(lab.base, { env: { TRINITY_OSS_ONLY: '1' } });
    for (let count = 0; count < 2; count += 1) await without.json(['backup', '--only', 'files']);
    expect(await lab.json(['list'])).toHaveLength(2);
    await lab.json(['backup', '--only', 'files'], 3);
    await lab.json(['prune', '--confirm']);
    expect(await lab.json(['list'])).toHaveLength(1);
  });
});

describe('an edition with the module backup', () => {
  it('rehearses, prunes and takes the rules', async () => {
    const lab = await setUp({});
    await lab.json(['settings', 'set', 'retention.newest', '5']);
    await lab.json(['backup']);
    expect(await lab.json(['drill'])).toMatchObject({ ok: true });
    expect(await lab.json(['prune'])).toMatchObject({ pruned: [], kept: 1 });
    const refused = await lab.run(['init', '--vault', 's3://bucket/x?endpoint=http://127.0.0.1:9', '--json']);
    expect(refused.code).not.toBe(8);
  });
});
