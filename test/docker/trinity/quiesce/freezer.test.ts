import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Freezer } from '../../../../main/trinity/quiesce/freezer.ts';
import { listQuiesceJournals, QuiesceJournal } from '../../../../main/trinity/quiesce/quiesce-journal.ts';
import { replayQuiesceJournals } from '../../../../main/trinity/quiesce/replay-journals.ts';
import { pauseContainer } from '../../../services/docker/containers.ts';
import { sharedEngine } from '../../../services/docker/test-engine.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { factsOf, holding, openEngine, signal, startSleeper, stateOf } from './quiesce-lab.ts';

const engine = sharedEngine();

async function newFreezer(folder: string): Promise<Readonly<{ freezer: Freezer; journal: QuiesceJournal }>> {
  const client = await openEngine(engine);
  const journal = await QuiesceJournal.begin(folder, {
    id: '0123456789ab',
    purpose: 'copying',
    host: client.host,
  });
  const { id } = await client.facts(signal);
  const freezer = new Freezer({ engine: client, engineId: id, journal, now: Date.now });
  return { freezer, journal };
}

describe('Freezer', () => {
  it('holds all containers of a volume, names them in the journal meanwhile, and brings them back', async () => {
    const folder = await tempFolder();
    const { freezer, journal } = await newFreezer(folder);
    const paused = await startSleeper(engine, 'freeze-paused');
    const stopped = await startSleeper(engine, 'freeze-stopped');
    const frozen = await freezer.freeze(
      holding([
        { container: paused, action: 'pause' },
        { container: stopped, action: 'stop' },
      ]),
      signal,
    );
    expect([await stateOf(engine, 'freeze-paused'), await stateOf(engine, 'freeze-stopped')]).toStrictEqual([
      'paused',
      'exited',
    ]);
    expect(journal.content.containers.map(({ name, action }) => `${action} ${name}`)).toStrictEqual([
      'pause freeze-paused',
      'stop freeze-stopped',
    ]);
    const thawed = await frozen.thaw();
    expect(thawed.reason).toBeUndefined();
    expect(thawed.frozenMs).toBeGreaterThan(0);
    expect([await stateOf(engine, 'freeze-paused'), await stateOf(engine, 'freeze-stopped')]).toStrictEqual([
      'running',
      'running',
    ]);
    // The same run of the container goes on.
    expect((await factsOf(engine, 'freeze-paused')).startedAt).toBe(paused.startedAt);
    expect(journal.content.containers).toStrictEqual([]);
    await journal.remove();
    expect(await readdir(folder)).toStrictEqual([]);
  });

  it('tells when somebody let a container go meanwhile', async () => {
    const { freezer, journal } = await newFreezer(await tempFolder());
    const container = await startSleeper(engine, 'freeze-let-go');
    const frozen = await freezer.freeze(holding([{ container, action: 'pause' }]), signal);
    await engine.client.getContainer('freeze-let-go').unpause();
    expect((await frozen.thaw()).reason).toBe('freeze-let-go was let go by somebody meanwhile');
    expect(await stateOf(engine, 'freeze-let-go')).toBe('running');
    await journal.remove();
  });

  it('tells when a container was removed meanwhile, and brings back the others', async () => {
    const { freezer, journal } = await newFreezer(await tempFolder());
    const one = await startSleeper(engine, 'freeze-removed');
    const other = await startSleeper(engine, 'freeze-other');
    const frozen = await freezer.freeze(
      holding([one, other].map((container) => ({ container, action: 'pause' }))),
      signal,
    );
    await engine.client.getContainer('freeze-removed').remove({ force: true });
    expect((await frozen.thaw()).reason).toBe('freeze-removed was removed meanwhile');
    expect(await stateOf(engine, 'freeze-other')).toBe('running');
    await journal.remove();
  });

  it('holds none where one of them cannot be held', async () => {
    const { freezer, journal } = await newFreezer(await tempFolder());
    const one = await startSleeper(engine, 'freeze-good');
    const gone = { ...(await startSleeper(engine, 'freeze-gone')) };
    await engine.client.getContainer('freeze-gone').remove({ force: true });
    const writers = [one, gone].map((container) => ({ container, action: 'pause' as const }));
    await expect(freezer.freeze(holding(writers), signal)).rejects.toMatchObject({ kind: 'not-found' });
    expect(await stateOf(engine, 'freeze-good')).toBe('running');
    expect(journal.content.containers).toStrictEqual([]);
    // The engine is free again.
    await (await freezer.freeze(holding([{ container: one, action: 'pause' }]), signal)).thaw();
    await journal.remove();
  });

  it('lets another home wait while one holds containers of the engine', async () => {
    const { freezer, journal } = await newFreezer(await tempFolder());
    const container = await startSleeper(engine, 'freeze-first');
    const frozen = await freezer.freeze(holding([{ container, action: 'pause' }]), signal);
    const client = await openEngine(engine);
    const otherJournal = await QuiesceJournal.begin(await tempFolder(), {
      id: 'ba9876543210',
      purpose: 'copying',
      host: client.host,
    });
    const { id } = await client.facts(signal);
    const other = new Freezer({
      engine: client,
      engineId: id,
      journal: otherJournal,
      now: Date.now,
      waitMs: 200,
    });
    await expect(other.freeze(holding([{ container, action: 'pause' }]), signal)).rejects.toMatchObject({
      kind: 'busy',
    });
    await frozen.thaw();
    await (await other.freeze(holding([{ container, action: 'pause' }]), signal)).thaw();
    await otherJournal.remove();
    await journal.remove();
  });
});

/** A journal that names a paused container, without an owner: what a run leaves that was killed. */
async function leavePaused(folder: string, name: string): Promise<QuiesceJournal> {
  const client = await openEngine(engine);
  const { id, startedAt } = await startSleeper(engine, name);
  const journal = await QuiesceJournal.begin(folder, {
    id: '0123456789ab',
    purpose: 'copying',
    host: client.host,
  });
  await journal.add([{ id, name, startedAt, action: 'pause' }]);
  await client.pause(id, signal);
  return journal;
}

describe('Freezer, while others start containers', () => {
  it('begins anew when one was started before all were held, and gives up when that goes on', async () => {
    const { freezer, journal } = await newFreezer(await tempFolder());
    const one = await startSleeper(engine, 'freeze-early');
    const late = await startSleeper(engine, 'freeze-late');
    const early = { container: one, action: 'pause' } as const;
    const both = [early, { container: late, action: 'pause' }] as const;
    const answers = [[early], both.slice(1), both, []];
    const frozen = await freezer.freeze(async () => await Promise.resolve(answers.shift() ?? []), signal);
    expect(frozen.writers).toHaveLength(2);
    await frozen.thaw();
    const always = freezer.freeze(async () => await Promise.resolve([early]), signal);
    await expect(always).rejects.toThrow('freeze-early was started while others were held.');
    expect(await stateOf(engine, 'freeze-early')).toBe('running');
    await journal.remove();
  });
});

describe('replayQuiesceJournals', () => {
  it('brings back what a dead run has left, and lets alone what a living one holds', async () => {
    const folder = await tempFolder();
    const journal = await leavePaused(folder, 'replay-paused');
    expect(await replayQuiesceJournals(folder, { isRestoreSettled: true })).toStrictEqual([]);
    expect(await stateOf(engine, 'replay-paused')).toBe('paused');
    // As the system does when the owner dies.
    await journal[Symbol.asyncDispose]();
    const [replayed] = await replayQuiesceJournals(folder, { isRestoreSettled: true });
    expect(replayed).toMatchObject({ result: 'back', containers: ['replay-paused'] });
    expect(await stateOf(engine, 'replay-paused')).toBe('running');
    expect(await listQuiesceJournals(folder)).toStrictEqual([]);
  });

  it('starts nothing that was stopped for a restore before that is settled, and gives it its policy back then', async () => {
    const folder = await tempFolder();
    const client = await openEngine(engine);
    const { id, name, startedAt, restartPolicy } = await startSleeper(engine, 'replay-restore');
    const journal = await QuiesceJournal.begin(folder, {
      id: '0123456789ab',
      purpose: 'restore',
      host: client.host,
    });
    await journal.add([{ id, name, startedAt, action: 'stop', restartPolicy }]);
    await client.setRestartPolicy(id, { name: 'no', maximumRetryCount: 0 }, signal);
    await client.stop(id, 1, signal);
    await journal[Symbol.asyncDispose]();
    const [waiting] = await replayQuiesceJournals(folder, { isRestoreSettled: false });
    expect(waiting).toMatchObject({ result: 'waiting', containers: ['replay-restore'] });
    expect(await stateOf(engine, 'replay-restore')).toBe('exited');
    const [back] = await replayQuiesceJournals(folder, { isRestoreSettled: true });
    expect(back).toMatchObject({ result: 'back' });
    expect(await factsOf(engine, 'replay-restore')).toMatchObject({
      state: 'running',
      restartPolicy: { name: 'unless-stopped' },
    });
  });

  it('leaves a container alone that was started anew and paused by somebody else', async () => {
    const folder = await tempFolder();
    const journal = await leavePaused(folder, 'replay-anew');
    const again = engine.client.getContainer('replay-anew');
    await again.unpause();
    await again.restart({ t: 1 });
    await pauseContainer(engine, 'replay-anew');
    await journal[Symbol.asyncDispose]();
    expect(await replayQuiesceJournals(folder, { isRestoreSettled: true })).toMatchObject([
      { result: 'back' },
    ]);
    expect(await stateOf(engine, 'replay-anew')).toBe('paused');
  });

  it('names a journal that cannot be read and keeps it', async () => {
    const folder = await tempFolder();
    const file = path.join(folder, 'quiesce-0123456789ab.json');
    await writeFile(file, '{"format":1');
    expect(await replayQuiesceJournals(folder, { isRestoreSettled: true })).toMatchObject([
      { result: 'failed', file },
    ]);
    expect(await listQuiesceJournals(folder)).toStrictEqual([file]);
  });
});
