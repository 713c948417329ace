import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { recoverRestores } from '../../../../main/backup/restore/swap/recover-restores.ts';
import { restoreBackup } from '../../../../main/backup/restore/restore-service.ts';
import { threadEntry } from '../../../../main/platform/thread-entry.ts';
import { startChild } from '../../../helpers/child-process.ts';
import { backedUp, echoVolume, inPlace } from '../../../helpers/tiny-backup.ts';
import { liveState, quietly, volumeData } from '../../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../../helpers/tiny-install.ts';

const child = threadEntry(import.meta.url, './tiny-restore.child.ts');

/** Runs the child until it dies at a step; it must not come past it. */
async function dieAt(tiny: TinyInstall, what: string, step: string): Promise<void> {
  const outcome = await startChild(child, [tiny.base, tiny.recoveryKey, what, step]).outcome();
  expect({ step, ...outcome }).toMatchObject({ step, signal: 'SIGKILL' });
}

async function spoil(tiny: TinyInstall): Promise<void> {
  await writeFile(path.join(volumeData(tiny, echoVolume), 'CLAUDE.md'), 'changed');
  await writeFile(path.join(tiny.data, 'agent-files/0b5d'), 'changed');
  await rm(path.join(volumeData(tiny, 'agent-scout-workspace'), 'content'), { recursive: true });
}

async function oursIn(tiny: TinyInstall): Promise<readonly string[]> {
  const names = [
    ...(await readdir(tiny.folder, { recursive: true })),
    ...(await readdir(tiny.volumes, { recursive: true })),
  ];
  return names.filter((name) => name.includes('.trinity-backup-'));
}

describe('a restore that is killed', () => {
  it('is undone by the next start, wherever it was, until all is swapped', async () => {
    const { tiny, backupId } = await backedUp();
    await spoil(tiny);
    const before = liveState(tiny);
    const steps = await stepsOf(tiny, backupId);
    const moves = steps.filter((step) => step.startsWith('move-'));
    expect(moves.length).toBeGreaterThan(8);
    for (const step of [
      'memory/agent-echo-workspace',
      'staged',
      moves.at(1),
      moves.at(6),
      moves.at(-1),
      'commit',
    ]) {
      await dieAt(tiny, backupId, step ?? '');
      expect(await recoverRestores(tiny.home)).toMatchObject([{ result: 'undone' }]);
      expect({ step, live: liveState(tiny) }).toEqual({ step, live: before });
      expect(await oursIn(tiny)).toEqual([]);
    }
  });

  it('is finished by the next start, once all is swapped', async () => {
    const { tiny, backupId } = await backedUp();
    const before = liveState(tiny);
    await spoil(tiny);
    await dieAt(tiny, backupId, 'remove-journal');
    expect(await recoverRestores(tiny.home)).toMatchObject([{ result: 'finished' }]);
    expect(liveState(tiny)).toEqual(before);
    expect(await oursIn(tiny)).toEqual([]);
  });
});

/** The steps of such a restore, from one that is made to fail and so changes nothing. */
async function stepsOf(tiny: TinyInstall, backupId: string): Promise<readonly string[]> {
  const steps: string[] = [];
  const beforeStep = (step: string): void => {
    steps.push(step);
    if (step === 'commit') throw new Error('only looking');
  };
  const request = { ...inPlace(backupId), safetyBackup: false };
  await expect(restoreBackup(tiny.context, request, quietly, { beforeStep })).rejects.toThrow('only looking');
  return steps;
}
