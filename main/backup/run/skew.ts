import type { ManifestSource } from '../../../shared/model/manifest.ts';

/** The longest time between the copy of the database and that of a volume: ms. Undefined when one of them is not there. */
export function skewOf(sources: readonly ManifestSource[]): number | undefined {
  const copied = sources.filter(({ state }) => state === 'complete');
  const database = copied.find(({ component }) => component === 'persistence');
  const volumes = copied.filter(({ component }) => component === 'memory');
  if (database === undefined || volumes.length === 0) return undefined;
  const moment = momentOf(database);
  return Math.max(...volumes.map((volume) => Math.abs(momentOf(volume) - moment)));
}

/** When its containers were held; else when its copy was done. ms since 1970. */
function momentOf({ facts, finishedAt }: ManifestSource): number {
  const { frozenAt } = facts;
  return Date.parse(typeof frozenAt === 'string' ? frozenAt : finishedAt);
}
