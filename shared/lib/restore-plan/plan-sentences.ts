import type { RestorePlan } from '../../model/restore-plan.ts';
import { sizeText } from '../size-text.ts';
import {
  agentSentences,
  hostSentences,
  keySentences,
  quietSentences,
  versionSentences,
} from './afterwards-sentences.ts';
import { destinationSentences, stopSentences } from './destination-sentences.ts';
import { aboutText, attention, plain, type PlanSentence, sourceWords } from './sentence.ts';
import { keptSentences, sourceSentences } from './source-sentences.ts';

/** What a restore would do, in words; the same on every page and in the command line. The first says how it is undone. */
export function planSentences(plan: RestorePlan, nowMs: number): readonly PlanSentence[] {
  return [
    ...destinationSentences(plan),
    ...stopSentences(plan),
    ...sourceSentences(plan, nowMs),
    ...plan.failed.map((source) =>
      attention(`${sourceWords(source)} is not in this backup and stays as it is.`),
    ),
    ...keptSentences(plan),
    ...agentSentences(plan),
    ...versionSentences(plan),
    ...keySentences(plan),
    ...quietSentences(plan),
    ...hostSentences(plan),
    ...spaceSentences(plan),
    ...plan.warnings.map(({ message }) => attention(message)),
    ...plan.notes.map(({ message }) => plain(message)),
    ...(plan.estimatedMs === null
      ? []
      : [plain(`All in all it takes about ${aboutText(plan.estimatedMs)}.`)]),
  ];
}

function spaceSentences({ space }: RestorePlan): PlanSentence[] {
  return space.map(({ folder, neededBytes, freeBytes }) => {
    const free = `${sizeText(neededBytes)} ${neededBytes === 1 ? 'is' : 'are'} needed at most on the disk of ${folder}, where ${sizeText(freeBytes)} are free`;
    return freeBytes > neededBytes ? plain(`${free}.`) : attention(`${free}: make room first.`);
  });
}
