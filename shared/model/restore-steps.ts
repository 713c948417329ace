/** In the order in which a restore takes them. */
const inPlace = [
  'fetch and check the data',
  'stop what writes',
  'back up what is live',
  'put the data in place',
  'start Trinity and check it',
] as const;

export type RestoreStep = (typeof inPlace)[number];

/** The steps of a restore, by where it goes and whether a safety backup is made. */
export function restoreSteps(
  way: 'to' | 'in-place' | 'new-install',
  safetyBackup: boolean,
): readonly RestoreStep[] {
  if (way !== 'in-place') return ['fetch and check the data', 'put the data in place'];
  return inPlace.filter((step) => safetyBackup || step !== 'back up what is live');
}
