import fs from 'node:fs';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { fromJournalPlace } from './journal-model.ts';
import type { JournalMove, JournalPlace } from './journal-model.ts';
import { placeText } from '../staging/safe-place.ts';

/**
 * Refuses a plan in which one part of a restore goes into, or onto, what another part replaces: the second would be written into
 * what the first has moved away, and neither could be put back. So it is with extra folders that lie in one another, and with
 * backups that were made by hand.
 */
export function refuseOverlaps(moves: readonly JournalMove[]): void {
  const absolute = absolutePaths();
  const replaced = new Map<string, number>();
  for (const [index, { kind, from, to }] of moves.entries()) {
    if (kind === 'carry') continue;
    const live = kind === 'park' ? from : to;
    const other = replaced.get(absolute(live));
    // What is parked and what takes its place are one: they follow each other, with what is carried over in between.
    if (other !== undefined && (kind === 'park' || isInterrupted(moves, other, index))) throw overlap(live);
    replaced.set(absolute(live), index);
  }
  for (const place of moves.flatMap(({ from, to }) => [from, to])) {
    const inside = absolute(place);
    for (let end = inside.lastIndexOf('/'); end > 0; end = inside.lastIndexOf('/', end - 1)) {
      if (replaced.has(inside.slice(0, end))) throw overlap(place);
    }
  }
}

/** Real paths as latin1 text of their bytes, so that links hide nothing. */
function absolutePaths(): (place: JournalPlace) => string {
  const realRoots = new Map<string, string>();
  return (place) => {
    const { root, path } = fromJournalPlace(place);
    const real = realRoots.get(root) ?? fs.realpathSync(root, { encoding: 'buffer' }).toString('latin1');
    realRoots.set(root, real);
    return path.length === 0 ? real : `${real}/${path.toString('latin1')}`;
  };
}

function isInterrupted(moves: readonly JournalMove[], parked: number, placed: number): boolean {
  return (
    moves[parked]?.kind !== 'park' || moves.slice(parked + 1, placed).some(({ kind }) => kind !== 'carry')
  );
}

function overlap(place: JournalPlace): AppError {
  return new AppError(
    'refused',
    `Several parts of the backup go to ${placeText(fromJournalPlace(place))}. Restore them one after the other with --only or --path, or restore into a folder (--to).`,
  );
}
