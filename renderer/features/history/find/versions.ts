import type { FoundPath } from './FindPage.tsx';

type Sighting = FoundPath['versions'][number];

/** One content of a file, and in how many backups after each other it stands. */
export type Version = Readonly<{ newest: Sighting; oldest: Sighting; backups: number }>;

/** Backups in which a file is, newest first, put together while its content stays the same. */
export function versionsOf(sightings: readonly Sighting[]): readonly Version[] {
  const versions: Version[] = [];
  let isGoingOn = false;
  for (const sighting of sightings) {
    const last = versions.at(-1);
    if (isGoingOn && last !== undefined) {
      versions[versions.length - 1] = { ...last, oldest: sighting, backups: last.backups + 1 };
    } else {
      versions.push({ newest: sighting, oldest: sighting, backups: 1 });
    }
    // Said of the next one of the list, which is older.
    isGoingOn = sighting.sameAsPrevious;
  }
  return versions;
}
