import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Run, RunFilter } from '../../../shared/model/history.ts';
import type { Catalog } from '../../catalog/catalog.ts';

const runsAtOnce = 500;

/** All runs that fit, newest first; read some hundred at a time, since the ten thousand that are kept would keep all others waiting. */
export async function allRuns(catalog: Catalog, filter: RunFilter = {}): Promise<readonly Run[]> {
  const found: Run[] = [];
  for (;;) {
    const some = catalog.history({ limit: runsAtOnce, before: found.at(-1)?.id }, filter);
    // Fewer than were asked for are no end: those that only a newer program understands are left out.
    if (some.length === 0) return found;
    found.push(...some);
    await nextTurn();
  }
}
