import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { recoverRestores } from '../../../../../main/backup/restore/swap/recover-restores.ts';
import { threadEntry } from '../../../../../main/platform/thread-entry.ts';
import { startChild } from '../../../../helpers/child-process.ts';
import { backedUp } from '../../../../helpers/tiny-backup.ts';
import type { TinyInstall } from '../../../../helpers/tiny-install.ts';
import { change, expectCopied, oursLeft, stateOf } from './copy-lab.ts';

const child = threadEntry(import.meta.url, '../tiny-restore.child.ts');

async function dieAt(tiny: TinyInstall, backupId: string, step: string): Promise<void> {
  const { base, recoveryKey } = tiny;
  const outcome = await startChild(child, [
    base,
    recoveryKey,
    backupId,
    step,
    'research',
    'second',
  ]).outcome();
  expect({ step, ...outcome }).toMatchObject({ step, signal: 'SIGKILL' });
}

describe('a restore under another name that is killed', () => {
  it('is undone by the next start until all is in its place, and finished from then on', async () => {
    const { tiny, backupId } = await backedUp();
    const before = stateOf(tiny);
    const steps = [
      'reserved',
      'memory/agent-second-public',
      'staged',
      'prepared',
      'move-0',
      'move-1',
      'commit',
    ];
    for (const step of steps) {
      await dieAt(tiny, backupId, step);
      expect(await recoverRestores(tiny.home)).toMatchObject([{ result: 'undone' }]);
      expect({ step, live: stateOf(tiny) }).toEqual({ step, live: before });
      expect(await oursLeft(tiny)).toEqual([]);
    }
    for (const step of ['committed', 'show', 'remove-journal']) {
      await dieAt(tiny, backupId, step);
      expect(await recoverRestores(tiny.home)).toMatchObject([{ result: 'finished' }]);
      expectCopied(tiny, before);
      expect(await oursLeft(tiny)).toEqual([]);
      change(tiny, "DELETE FROM agent_ownership WHERE agent_name = 'second'");
      for (const kind of ['workspace', 'public'])
        await rm(path.join(tiny.volumes, `agent-second-${kind}`), { recursive: true });
    }
  });
});
