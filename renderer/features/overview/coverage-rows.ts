import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { compareNames } from '../../../shared/lib/name-order.ts';

type Source = CallOutput<'status.get'>['sources'][number];

/** `volume`: what tells it from another of the same name. */
export type CoverageRow = Source & Readonly<{ label: string; volume: string | undefined }>;

const order = ['persistence', 'files', 'config', 'memory', 'paths'];

/** The sources as they are listed: database, files and configuration on top, then agents by name. */
export function coverageRows(sources: readonly Source[]): readonly CoverageRow[] {
  const times = new Map<string, number>();
  for (const { name } of sources) times.set(name, (times.get(name) ?? 0) + 1);
  return sources
    .map((source) => ({
      ...source,
      label: source.name.replace(/^./u, (first) => first.toUpperCase()),
      volume: (times.get(source.name) ?? 0) > 1 ? partsOf(source).volume : undefined,
    }))
    .toSorted((one, other) => rankOf(one) - rankOf(other) || compareNames(one.name, other.name));
}

/** What is of a kind that is not known comes last. */
function rankOf(source: Source): number {
  const rank = order.indexOf(partsOf(source).component);
  return rank === -1 ? order.length : rank;
}

function partsOf({ source }: Source): Readonly<{ component: string; volume: string }> {
  const slash = source.indexOf('/');
  return slash === -1
    ? { component: source, volume: '' }
    : { component: source.slice(0, slash), volume: source.slice(slash + 1) };
}
