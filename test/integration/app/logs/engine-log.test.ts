import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CommandLab, sharedLab } from '../../../helpers/command-lab.ts';

const shared = sharedLab();

function logText(lab: CommandLab): string {
  return readFileSync(path.join(lab.home, 'logs', 'engine.log'), 'utf8');
}

describe('the log of a home', () => {
  it('tells of runs, and the activity of the same in words', async () => {
    const lab = await shared().copy();
    const { backupId } = (await lab.json(['backup'])) as { backupId: string };
    const lines = (await lab.json(['logs', '--limit', '3'])) as object[];
    expect(lines).toMatchObject([
      {
        level: 'info',
        part: 'engine',
        message: 'backup finished',
        fields: { outcome: 'succeeded', backupId },
      },
      {
        part: 'activity',
        message: expect.stringContaining(backupId),
        fields: { code: 'backup-succeeded' },
      },
      { level: 'info', part: 'engine', message: 'backup started' },
    ]);
    expect(await lab.json(['activity', '--limit', '1'])).toMatchObject([{ severity: 'info' }]);
    expect(statSync(path.join(lab.home, 'logs')).mode & 0o777).toBe(0o700);
    const words = await lab.run(['activity']);
    expect(words.stdout).toContain(backupId);
    expect((await lab.run(['logs', '--level', 'warn'])).stdout).toBe('Nothing is logged yet.\n');
  });

  it('tells why a run failed, without the secrets of the install', async () => {
    const lab = await shared().copy();
    const env = readFileSync(path.join(lab.install, '.env'), 'utf8');
    const before = existsSync(path.join(lab.home, 'logs')) ? logText(lab) : '';
    expect(before).not.toContain('backup finished');
    expect((await lab.run(['backup', '--agent', 'nobody'])).code).toBe(5);
    expect(await lab.json(['logs', '--level', 'warn'])).toMatchObject([
      {
        message: 'backup finished',
        fields: { outcome: 'failed', reason: expect.stringContaining('nobody') },
      },
    ]);
    const secrets = [...env.matchAll(/^\w*(?:KEY|PASSWORD|SECRET)\w*=(.{6,})$/gmu)].map(
      ([, value = '']) => value,
    );
    for (const secret of secrets) expect(logText(lab)).not.toContain(secret);
  });

  it('refuses a level and a number that there are not, in one sentence', async () => {
    const lab = shared();
    expect(await lab.run(['logs', '--level', 'loud'])).toMatchObject({
      code: 2,
      stderr: 'Choose --level debug, info, warn or error.\n',
    });
    expect((await lab.run(['activity', '--limit', '0'])).code).toBe(2);
  });
});
