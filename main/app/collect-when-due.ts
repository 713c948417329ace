import { messageOf } from '../../shared/lib/app-error.ts';
import { countOf, sizeText } from '../../shared/lib/size-text.ts';
import type { Finding } from '../../shared/model/finding.ts';
import { collectGarbage } from '../backup/collect-service.ts';
import type { ServiceContext } from '../backup/services.ts';
import type { Engine } from './engine.ts';
import type { OperationOptions } from './operation.ts';
import { recordRun } from './record-run.ts';

const dayMs = 24 * 3_600_000;

export type Collected = Readonly<{ warnings: readonly Finding[]; notes: readonly Finding[] }>;

const nothing: Collected = { warnings: [], notes: [] };

/**
 * Gives back the space of deleted backups whose days in the trash are over: after a backup, at most once a day, and only where
 * there is something to do, since it reads the listings of all backups. The backup is done: what goes wrong is a warning.
 */
export async function collectWhenDue(
  engine: Engine,
  context: ServiceContext,
  options: OperationOptions,
): Promise<Collected> {
  try {
    if ((await wasCollectedToday(engine)) || !(await isAnythingDue(context))) return nothing;
    const run = async () => await collectGarbage(context, options);
    const { deletedPacks, deletedBytes } = await recordRun(engine, 'collect', run, {
      done: () => ({ outcome: 'succeeded', failedSources: [] }),
      isAttempt: () => true,
    });
    if (deletedPacks === 0) return nothing;
    const message = `${sizeText(deletedBytes)} that no backup needs any more are free again (${countOf(deletedPacks, 'pack')}).`;
    return { warnings: [], notes: [{ code: 'collected', message }] };
  } catch (error) {
    const message = `The backup is done, but the space of deleted ones was not given back: ${messageOf(error)}`;
    return { warnings: [{ code: 'collect-failed', message }], notes: [] };
  }
}

/** Tried counts as well: what stands in the way is told once a day. */
async function wasCollectedToday(engine: Engine): Promise<boolean> {
  const [last] = (await engine.catalog()).runs(1, 'collect');
  // Not by the clock alone: it may have been set back.
  return last !== undefined && Math.abs(engine.now() - last.startedMs) < dayMs;
}

/** Marked packs, or a backup that has been in the trash for its days. */
async function isAnythingDue({ vault, settings }: ServiceContext): Promise<boolean> {
  for await (const _ of vault.storage.list('doomed/')) return true;
  const dueMs = (await vault.storage.now()) - settings.trashDays * dayMs;
  const { manifests } = await vault.listManifests();
  return manifests.some(({ trashedAtMs }) => trashedAtMs !== undefined && trashedAtMs <= dueMs);
}
