import { ageText } from '../../../shared/lib/time-text.ts';
import type { RunningFacts, StatusFacts } from './facts.ts';

/** `Backing up: 62 %, 1 min left.`; with the part that is on where there are several, and less where less is known. */
export function backingUpText(running: RunningFacts | undefined): string {
  const { phase, percent, leftMs } = running ?? {};
  const done = [phase, percent === undefined ? undefined : `${percent} %`].filter(
    (part) => part !== undefined,
  );
  const left = leftMs === undefined ? [] : [`${ageText(leftMs)} left`];
  const parts = [...(done.length > 0 ? [done.join(' ')] : []), ...left];
  return parts.length === 0 ? 'Backing up.' : `Backing up: ${parts.join(', ')}.`;
}

/** `Restoring agent research: step 3 of 5.` */
export function restoringText(running: RunningFacts | undefined): string {
  const { subject, step, phase, percent } = running ?? {};
  const what = subject === undefined ? 'Restoring' : `Restoring ${subject}`;
  if (step !== undefined) return `${what}: step ${step.number} of ${step.of}.`;
  if (phase === undefined) return `${what}.`;
  return `${what}: ${phase}${percent === undefined ? '' : ` ${percent} %`}.`;
}

export function recoveringText({ isRecovering, unrecovered }: StatusFacts): string {
  if (isRecovering || unrecovered === undefined) return 'Finishing an interrupted restore.';
  return `An interrupted run is not put in order yet: ${withoutStop(unrecovered)}.`;
}

export function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/u, '');
}
