import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { compareNames } from '../../../shared/lib/name-order.ts';
import { sourceName } from '../../ui/text/words.ts';

type Source = CallOutput<'status.get'>['sources'][number];
type SourceRun = CallOutput<'history.coverage'>['sources'][number];

/** `volume`: what tells it from another of the same name. `unknown`: the vault cannot be asked. */
export type CoverageRow = Omit<Source, 'state'> &
  Readonly<{ state: Source['state'] | 'unknown'; label: string; volume: string | undefined }>;

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

/** What the history remembers while the vault cannot be asked: what was backed up, and when last. */
export function rememberedRows(runs: readonly SourceRun[]): readonly CoverageRow[] {
  return [...Map.groupBy(runs, ({ source }) => source)]
    .map(([source, ofSource]) => {
      const newest = ofSource.toSorted((one, other) => other.startedMs - one.startedMs);
      const last = newest.find(({ outcome }) => outcome === 'succeeded');
      const { component, volume } = partsOf({ source });
      const name = sourceName({ component, volume, agents: newest[0]?.agents ?? [] });
      return {
        source,
        name,
        label: name,
        volume: volume === '' ? undefined : volume,
        state: 'unknown',
        severity: 'info',
        sentence: 'How it stands is not known now.',
        lastBackupAt: last === undefined ? null : new Date(last.startedMs).toISOString(),
        provenAt: null,
      } as const;
    })
    .toSorted((one, other) => rankOf(one) - rankOf(other) || compareNames(one.name, other.name));
}

/** What is of a kind that is not known comes last. */
function rankOf(source: Pick<Source, 'source'>): number {
  const rank = order.indexOf(partsOf(source).component);
  return rank === -1 ? order.length : rank;
}

function partsOf({ source }: Pick<Source, 'source'>): Readonly<{ component: string; volume: string }> {
  const slash = source.indexOf('/');
  return slash === -1
    ? { component: source, volume: '' }
    : { component: source.slice(0, slash), volume: source.slice(slash + 1) };
}
