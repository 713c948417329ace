import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../main/app/engine.ts';
import type { TimelineFilter } from '../../../shared/model/timeline.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { tinyEngine, unwatched } from '../../helpers/tiny-engine.ts';
import { runOperation } from '../../../main/app/operations/run-operation.ts';

async function timelineOf(
  engine: Engine,
  filter: Partial<TimelineFilter> = {},
  stretch = { offset: 0, limit: 100 },
) {
  return await runOperation(
    engine,
    'timeline',
    { ...stretch, filter: { trash: false, ...filter } },
    unwatched,
  );
}

describe('the timeline', () => {
  it('has a row for each backup and each run that made none, newest first, in stretches of any place', async () => {
    const { engine, install } = await tinyEngine();
    const first = await runOperation(engine, 'backup', { note: 'before the fair' }, unwatched);
    const second = await runOperation(engine, 'backup', { only: ['persistence'] }, unwatched);
    await runOperation(engine, 'pin', { backupId: first.backupId, isPinned: true }, unwatched);
    await runOperation(engine, 'drill', { backupId: second.backupId }, unwatched);
    renameSync(install, `${install}-away`);
    await rejectionOf(runOperation(engine, 'backup', {}, unwatched));
    renameSync(`${install}-away`, install);
    const { rows, total, source, components, agents } = await timelineOf(engine);
    expect(total).toBe(3);
    expect(source.state).toBe('open');
    expect(rows).toMatchObject([
      {
        key: expect.stringMatching(/^run:/u),
        outcome: 'failed',
        backupId: null,
        isOver: false,
        action: { label: 'Retry' },
      },
      {
        key: second.backupId,
        outcome: 'succeeded',
        components: ['persistence'],
        provenSources: 1,
        damaged: false,
        sourceCount: 1,
      },
      {
        key: first.backupId,
        pinned: true,
        note: 'before the fair',
        agents: ['one', 'two'],
        bytes: first.bytes,
      },
    ]);
    expect(components).toEqual(['config', 'files', 'memory', 'persistence']);
    expect(agents).toEqual(['one', 'two']);
    const middle = await timelineOf(engine, {}, { offset: 1, limit: 1 });
    expect(middle).toMatchObject({ total: 3, rows: [{ key: second.backupId }] });
    await runOperation(engine, 'backup', {}, unwatched);
    expect((await timelineOf(engine, { outcome: 'failed' })).rows).toMatchObject([
      { isOver: true, action: null },
    ]);
  });

  it('cuts a further stretch from what changed meanwhile, and from what another program wrote when it begins anew', async () => {
    const { engine, vault } = await tinyEngine();
    const ids: string[] = [];
    for (const only of ['persistence', 'files', 'config'])
      ids.unshift((await runOperation(engine, 'backup', { only: [only] }, unwatched)).backupId);
    const keysFrom = async (offset: number) =>
      (await timelineOf(engine, {}, { offset, limit: 2 })).rows.map(({ key }) => key);
    expect(await keysFrom(0)).toEqual([ids[0], ids[1]]);
    expect(await keysFrom(1)).toEqual([ids[1], ids[2]]);
    await runOperation(engine, 'delete', { backupId: ids[1] ?? '' }, unwatched);
    expect(await keysFrom(1)).toEqual([ids[2]]);
    rmSync(path.join(vault, 'backups', ids[0] ?? ''));
    expect(await keysFrom(0)).toEqual([ids[2]]);
  });

  it('is narrowed by part, agent, trigger and outcome', async () => {
    const { engine } = await tinyEngine();
    const { backupId: whole } = await runOperation(engine, 'backup', {}, unwatched);
    const { backupId: part } = await runOperation(engine, 'backup', { agents: ['two'] }, unwatched);
    const keysBy = async (filter: Partial<TimelineFilter>) =>
      (await timelineOf(engine, filter)).rows.map(({ key }) => key);
    expect(await keysBy({ component: 'memory' })).toEqual([part, whole]);
    expect(await keysBy({ component: 'config' })).toEqual([whole]);
    expect(await keysBy({ agent: 'two' })).toEqual([part, whole]);
    expect(await keysBy({ agent: 'one' })).toEqual([whole]);
    expect(await keysBy({ trigger: 'scheduled' })).toEqual([]);
    expect(await keysBy({ outcome: 'failed' })).toEqual([]);
    expect(await keysBy({ outcome: 'succeeded', trigger: 'manual' })).toEqual([part, whole]);
  });

  it('keeps what was deleted apart, with the day on which it goes', async () => {
    const { engine } = await tinyEngine();
    const { backupId } = await runOperation(engine, 'backup', {}, unwatched);
    const { backupId: kept } = await runOperation(engine, 'backup', {}, unwatched);
    await runOperation(engine, 'delete', { backupId }, unwatched);
    expect((await timelineOf(engine)).rows.map(({ key }) => key)).toEqual([kept]);
    const { rows } = await timelineOf(engine, { trash: true });
    expect(rows).toMatchObject([{ key: backupId }]);
    const [{ trashedAtMs, deadlineMs } = { trashedAtMs: 0, deadlineMs: 0 }] = rows;
    expect((deadlineMs ?? 0) - (trashedAtMs ?? 0)).toBe(7 * 24 * 3_600_000);
  });

  it('tells of past runs while the vault is away, and that it is', async () => {
    const { engine, vault, restart } = await tinyEngine();
    const { backupId } = await runOperation(engine, 'backup', {}, unwatched);
    renameSync(vault, `${vault}-away`);
    const { rows, source } = await timelineOf(await restart());
    expect(source).toMatchObject({ state: 'away', message: expect.stringMatching(/\.$/u) });
    expect(rows).toMatchObject([{ backupId, outcome: 'succeeded', provenSources: 0 }]);
    rmSync(`${vault}-away`, { recursive: true });
  });
});
