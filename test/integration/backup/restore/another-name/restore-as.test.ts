import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { recoverRestores } from '../../../../../main/backup/restore/swap/recover-restores.ts';
import { restoreBackup } from '../../../../../main/backup/restore/restore-service.ts';
import { planRestore } from '../../../../../main/backup/restore/plan/plan-restore.ts';
import type { RestoreRequest } from '../../../../../main/backup/services.ts';
import { createVolume } from '../../../../../main/trinity/volume-store.ts';
import { planSentences } from '../../../../../shared/lib/restore-plan/plan-sentences.ts';
import { sentenceText } from '../../../../../shared/lib/restore-plan/sentence.ts';
import { backedUp } from '../../../../helpers/tiny-backup.ts';
import { quietly, volumeData } from '../../../../helpers/tiny-install.ts';
import { agentRows, asNew, change, expectCopied, expectedRow, oursLeft, stateOf } from './copy-lab.ts';

describe('an agent that is restored under another name', () => {
  it('is a new agent with the files of the backup; the one that lives, its rows and schedules stay as they are', async () => {
    const { tiny, backupId } = await backedUp();
    const before = stateOf(tiny);
    const outcome = await restoreBackup(tiny.context, asNew(backupId), quietly);
    expect(outcome).toMatchObject({
      restored: ['memory/agent-second-workspace', 'memory/agent-second-public'],
      safetyBackupId: null,
      restartRequired: false,
      stoppedMs: 0,
      warnings: [],
    });
    expect(outcome.notes.map(({ code }) => code)).toEqual(['next-step', 'agent-added']);
    expectCopied(tiny, before);
    expect(await oursLeft(tiny)).toEqual([]);
    const again = restoreBackup(tiny.context, asNew(backupId), quietly);
    await expect(again).rejects.toMatchObject({ kind: 'refused', details: { isNameTaken: true } });
  });

  it('says first what it will be, and what not, and changes nothing by that', async () => {
    const { tiny, backupId } = await backedUp();
    const before = stateOf(tiny);
    const { plan } = await planRestore(tiny.context, asNew(backupId), quietly);
    expect(plan).toMatchObject({
      destination: { way: 'as', agent: 'research', name: 'second', template: 'research', isStarted: false },
      safetyBackup: 'nothing-live',
      stops: null,
      sources: [{ source: 'memory/agent-second-workspace', way: 'apart' }, { agents: ['second'] }],
    });
    const [first, ...more] = planSentences(plan, Date.now()).map(sentenceText);
    expect(first).toBe(
      'A new agent, second, is made of research; nothing that is there now is changed or stopped.',
    );
    expect(more.join(' ')).toMatch(/no schedules.*passwords and keys.*Start it in Trinity afterwards/u);
    expect(stateOf(tiny)).toEqual(before);
  });

  it('takes its owner and limits from nobody where Trinity has no such agent any more', async () => {
    const { tiny, backupId } = await backedUp();
    change(tiny, "DELETE FROM agent_ownership WHERE agent_name = 'research'");
    await rm(path.join(tiny.volumes, 'agent-scout-workspace'), { recursive: true });
    change(tiny, 'CREATE TABLE users (id INTEGER PRIMARY KEY, role TEXT)');
    change(tiny, "INSERT INTO users VALUES (1, 'admin'), (2, 'admin')");
    const { plan } = await planRestore(tiny.context, asNew(backupId), quietly);
    expect(plan.destination).toMatchObject({ template: null });
    await restoreBackup(tiny.context, asNew(backupId), quietly);
    expect(agentRows(tiny)).toContainEqual(expectedRow);
    expect(existsSync(volumeData(tiny, 'agent-second-workspace'))).toBe(true);
  });

  it('finds whose copy it is when that one was renamed since', async () => {
    const { tiny, backupId } = await backedUp();
    change(tiny, "UPDATE agent_ownership SET agent_name = 'analyst' WHERE agent_name = 'research'");
    const { plan } = await planRestore(tiny.context, asNew(backupId), quietly);
    expect(plan.destination).toMatchObject({ template: 'analyst' });
  });

  it('goes back to nothing when it fails, at whatever step', async () => {
    const { tiny, backupId } = await backedUp();
    const before = stateOf(tiny);
    for (const step of ['reserved', 'move-1', 'commit']) {
      const failing = restoreBackup(tiny.context, asNew(backupId), quietly, {
        beforeStep: (reached) => {
          if (reached === step) throw new Error('the test fails it');
        },
      });
      await expect(failing).rejects.toThrow('the test fails it');
      expect({ step, live: stateOf(tiny) }).toEqual({ step, live: before });
      expect(await oursLeft(tiny)).toEqual([]);
    }
  });

  it('is done all the same when the database is locked in the end, and shown by the next start', async () => {
    const { tiny, backupId } = await backedUp();
    const before = stateOf(tiny);
    const outcome = await restoreBackup(tiny.context, asNew(backupId), quietly, {
      beforeStep: (step) => {
        if (step === 'show') throw new Error('it is locked');
      },
    });
    expect(outcome.warnings).toMatchObject([
      { code: 'leftovers', message: expect.stringContaining('recover') },
    ]);
    expect(agentRows(tiny)).toContainEqual({ ...expectedRow, deleted_at: expect.stringMatching(/Z$/u) });
    expect(await recoverRestores(tiny.home)).toMatchObject([{ result: 'finished' }]);
    expectCopied(tiny, before);
  });
});

describe('another name', () => {
  it('is refused where it is taken: by an agent, a deleted or renamed one, or by volumes', async () => {
    const { tiny, backupId } = await backedUp();
    change(tiny, "INSERT INTO agent_ownership (agent_name, deleted_at) VALUES ('gone', '2026-01-01')");
    await createVolume(tiny.volumes, 'agent-stray-shared', {});
    for (const [name, message] of [
      ['echo', 'Trinity has an agent echo already.'],
      ['gone', 'for an agent that was deleted.'],
      ['scout', 'The agent research was called scout once'],
      ['stray', 'There is a volume agent-stray-shared already.'],
    ] as const) {
      for (const asked of [planRestore, restoreBackup]) {
        await expect(asked(tiny.context, asNew(backupId, name), quietly)).rejects.toMatchObject({
          kind: 'refused',
          message: expect.stringContaining(message),
        });
      }
    }
    expect(await oursLeft(tiny).catch(() => [])).toEqual([]);
  });

  it("is refused for Trinity's own agent, and for a database that cannot hide a row", async () => {
    const { tiny, backupId } = await backedUp();
    change(tiny, "UPDATE agent_ownership SET is_system = 1 WHERE agent_name = 'research'");
    const system = restoreBackup(tiny.context, asNew(backupId), quietly);
    await expect(system).rejects.toMatchObject({ kind: 'refused', message: /own agent/u });
    change(tiny, 'ALTER TABLE agent_ownership DROP COLUMN deleted_at');
    const old = restoreBackup(tiny.context, asNew(backupId), quietly);
    await expect(old).rejects.toMatchObject({ kind: 'refused', message: /too old/u });
  });

  it('is for one whole agent, and has to be one that Trinity takes', async () => {
    const { tiny, backupId } = await backedUp();
    const wrong: readonly Partial<RestoreRequest>[] = [
      { agents: ['echo', 'research'] },
      { only: ['memory', 'config'] },
      { paths: ['CLAUDE.md'] },
      { destination: { way: 'as', name: 'Second' } },
      { destination: { way: 'as', name: 'research' } },
    ];
    for (const more of wrong) {
      const request = { ...asNew(backupId), ...more };
      await expect(restoreBackup(tiny.context, request, quietly)).rejects.toMatchObject({ kind: 'usage' });
      await expect(planRestore(tiny.context, request, quietly)).rejects.toMatchObject({ kind: 'usage' });
    }
    const { agents: _, ...everything } = asNew(backupId);
    await expect(restoreBackup(tiny.context, everything, quietly)).rejects.toMatchObject({ kind: 'usage' });
  });

  it('keeps whatever somebody made of the agent meanwhile', async () => {
    const { tiny, backupId } = await backedUp();
    const failing = restoreBackup(tiny.context, asNew(backupId), quietly, {
      beforeStep: (step) => {
        if (step !== 'staged') return;
        change(tiny, "UPDATE agent_ownership SET deleted_at = NULL WHERE agent_name = 'second'");
        throw new Error('the test fails it');
      },
    });
    await expect(failing).rejects.toThrow('the test fails it');
    expect(agentRows(tiny)).toContainEqual(expectedRow);
  });
});
