/** In the order in which a restore takes them. */
const inPlace = [
  'fetch and check the data',
  'stop what writes',
  'back up what is live',
  'put the data in place',
  'start Trinity and check it',
] as const;

const asNewAgent = ['fetch and check the data', 'put the data in place', 'start the agent'] as const;

export type RestoreStep = (typeof inPlace)[number] | (typeof asNewAgent)[number];

export type RestoreWay = 'to' | 'in-place' | 'new-install' | 'as';

/** The steps of a restore, by where it goes and whether a safety backup is made. */
export function restoreSteps(way: RestoreWay, safetyBackup: boolean): readonly RestoreStep[] {
  if (way === 'as') return asNewAgent;
  if (way !== 'in-place') return ['fetch and check the data', 'put the data in place'];
  return inPlace.filter((step) => safetyBackup || step !== 'back up what is live');
}
