import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../main/app/engine.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { tinyEngine, unwatched } from '../../helpers/tiny-engine.ts';
import { runOperation } from '../../../main/app/operations/run-operation.ts';

const all = { limit: 100, filter: {} };

async function runsOf(engine: Engine) {
  return (await runOperation(engine, 'history', all, unwatched)).runs;
}

describe('the history of runs', () => {
  it('tells of each backup what it was, how large, and what became of every agent', async () => {
    const { engine } = await tinyEngine();
    const { backupId, bytes, files, bytesStored } = await runOperation(engine, 'backup', {}, unwatched);
    const [run] = await runsOf(engine);
    expect(run).toMatchObject({
      operation: 'backup',
      trigger: 'manual',
      outcome: 'succeeded',
      backupId,
      bytes,
      files,
      bytesStored,
      isRebuilt: false,
    });
    const { sources, events } = await runOperation(engine, 'runDetails', { runId: run?.id ?? 0 }, unwatched);
    expect(sources.map(({ source }) => source)).toEqual([
      'config',
      'files',
      'memory/agent-one-workspace',
      'memory/agent-two-workspace',
      'persistence',
    ]);
    expect(sources[2]).toMatchObject({ agents: ['one'], outcome: 'succeeded', warnings: 0 });
    expect(sources[2]?.bytes).toBeGreaterThan(400_000);
    expect(events).toMatchObject([
      { code: 'backup-succeeded', severity: 'info', words: expect.stringContaining(backupId) },
    ]);
    const { sources: strip } = await runOperation(
      engine,
      'coverage',
      { days: 30, withSources: true },
      unwatched,
    );
    expect(strip.map(({ source }) => source)).toEqual(sources.map(({ source }) => source));
  });

  it('tells why a run failed, and of the safety backup of a restore', async () => {
    const { engine, install, vault } = await tinyEngine();
    const { backupId } = await runOperation(engine, 'backup', {}, unwatched);
    const restored = await runOperation(
      engine,
      'restore',
      { backupId, destination: { way: 'in-place' }, safetyBackup: true },
      unwatched,
    );
    rmSync(path.join(install, 'VERSION'));
    writeFileSync(path.join(vault, 'vault.json'), 'no header');
    writeFileSync(path.join(vault, 'vault-copy.json'), 'no header');
    rmSync(install, { recursive: true });
    await rejectionOf(runOperation(engine, 'backup', {}, unwatched));
    const runs = await runsOf(engine);
    expect(runs.map(({ operation, outcome }) => [operation, outcome])).toEqual([
      ['backup', 'failed'],
      ['restore', 'succeeded'],
      ...(restored.safetyBackupId === null ? [] : [['backup', 'succeeded']]),
      ['backup', 'succeeded'],
    ]);
    expect(runs[0]).toMatchObject({ trigger: 'manual', message: expect.stringMatching(/\.$/u) });
    const { events } = await runOperation(
      engine,
      'events',
      { ...all, filter: { severity: 'error' } },
      unwatched,
    );
    expect(events).toMatchObject([{ code: 'backup-failed', runId: runs[0]?.id }]);
  });

  it.each(['deleted', 'damaged'])('is told anew by the vault when its file was %s', async (what) => {
    const { engine, base, restart } = await tinyEngine();
    const { backupId } = await runOperation(engine, 'backup', {}, unwatched);
    await runOperation(engine, 'backup', { only: ['files'] }, unwatched);
    await runOperation(engine, 'drill', { backupId }, unwatched);
    const before = await runsOf(engine);
    const details = await runOperation(engine, 'runDetails', { runId: before.at(-1)?.id ?? 0 }, unwatched);
    await engine[Symbol.asyncDispose]();
    for (const suffix of ['', '-wal', '-shm']) {
      const file = path.join(base, 'home', `catalog.sqlite${suffix}`);
      if (what === 'deleted') rmSync(file, { force: true });
      else writeFileSync(file, 'HTTP/1.1 502 Bad Gateway'.repeat(100));
    }
    const next = await restart();
    // Something new before the vault was asked.
    await rejectionOf(runOperation(next, 'restore', inPlace('0'.repeat(12)), unwatched));
    await runOperation(next, 'status', {}, unwatched);
    const after = await runsOf(next);
    expect(after.map(({ operation, backupId: id }) => [operation, id])).toEqual(
      before.map(({ operation, backupId: id }) => [operation, id]),
    );
    expect(after.every(({ isRebuilt }) => isRebuilt)).toBe(true);
    const rebuilt = await runOperation(next, 'runDetails', { runId: after.at(-1)?.id ?? 0 }, unwatched);
    expect(rebuilt.sources).toEqual(details.sources);
    // Once is enough.
    expect(await runsOf(next)).toEqual(after);
  });

  it('lets a backup be made, and the state be told, where no history can be written', async () => {
    const { engine, base, restart } = await tinyEngine();
    await engine[Symbol.asyncDispose]();
    rmSync(path.join(base, 'home/catalog.sqlite'), { force: true });
    mkdirSync(path.join(base, 'home/catalog.sqlite'));
    const next = await restart();
    const { backupId } = await runOperation(next, 'backup', {}, unwatched);
    expect((await runOperation(next, 'status', {}, unwatched)).state).toBe('unproven');
    expect((await runsOf(next)).map((run) => run.backupId)).toEqual([backupId]);
  });
});

function inPlace(backupId: string) {
  return { backupId, destination: { way: 'in-place' }, safetyBackup: true } as const;
}
