import type { StagedDump } from '../../../main/components/component-handler.ts';
import type { ManifestSource } from '../../../shared/model/manifest.ts';
import type { PostgresPlace } from '../../../main/trinity/postgres/postgres-server.ts';
import type { Archive } from '../../../main/trinity/postgres/read-archive.ts';

/** A dump as the handler of the database stages it. */
export function stagedDump(
  place: PostgresPlace,
  { file, archive }: Readonly<{ file: string; archive: Archive }>,
): StagedDump {
  const instant = '2026-01-01T00:00:00.000Z';
  const source: ManifestSource = {
    component: 'persistence',
    volume: '',
    agents: [],
    state: 'complete',
    startedAt: instant,
    finishedAt: instant,
    bytesAdded: 0,
    bytesStored: 0,
    frozenMs: 0,
    lockedMs: 0,
    facts: {},
  };
  return { source, place, database: 'trinity', file, archive, rows: '' };
}
