import type { PreviousFacts } from '../thread/capture-messages.ts';

/** Part of the previous content that may be stored anew in one run. */
const mostShare = 0.05;
/** Less waste than this part of the content, in chunks of which less than half is used, is not worth reading unchanged files for. */
const worthwhileShare = 0.02;
/** More unused bytes than this part of the content, in all chunks, and fuller ones are freed too, the emptiest first. */
const toleratedShare = 0.2;
const thinUse = 0.5;
const fullUse = 0.8;

export type RecutPlan = Readonly<{
  /** 1 for each chunk (by its old number) whose content is to be stored anew. */
  chunks: Uint8Array;
  /** Bytes of content that may be stored anew. */
  bytes: number;
}>;

type Candidate = Readonly<{ chunk: number; used: number; waste: number; use: number }>;

/**
 * Chooses whole chunks, so that each that is chosen is freed: content that stays in it elsewhere would keep all of it. Nothing is
 * chosen of a source that wastes little.
 */
export function planRecut({ lengths, used, bytes }: PreviousFacts): RecutPlan {
  const candidates = candidatesIn(lengths, used);
  const wasteOf = (some: readonly Candidate[]): number => some.reduce((sum, { waste }) => sum + waste, 0);
  const isThinFreed = wasteOf(candidates.filter(({ use }) => use < thinUse)) > bytes * worthwhileShare;
  let waste = wasteOf(candidates);
  let left = bytes * mostShare;
  const chunks = new Uint8Array(lengths.length);
  for (const candidate of candidates.toSorted((a, b) => a.use - b.use)) {
    const isThin = candidate.use < thinUse && isThinFreed;
    const isDue = isThin || (candidate.use < fullUse && waste > bytes * toleratedShare);
    if (isDue && candidate.used <= left) {
      chunks[candidate.chunk] = 1;
      left -= candidate.used;
      waste -= candidate.waste;
    }
  }
  return { chunks, bytes: bytes * mostShare };
}

function candidatesIn(lengths: Uint32Array, used: Uint32Array): readonly Candidate[] {
  const candidates: Candidate[] = [];
  lengths.forEach((length, chunk) => {
    const usedBytes = used[chunk] ?? 0;
    // Content that is there twice counts twice.
    if (usedBytes < length) {
      candidates.push({ chunk, used: usedBytes, waste: length - usedBytes, use: usedBytes / length });
    }
  });
  return candidates;
}
