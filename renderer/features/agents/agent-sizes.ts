import type { CallOutput } from '../../../shared/ipc/contract.ts';

type Agent = CallOutput<'agents.list'>['agents'][number];
type Sizes = CallOutput<'agents.sizes'>['volumes'][number];

export type SizesByVolume = ReadonlyMap<string, Sizes>;

export function sizesByVolume(counted: CallOutput<'agents.sizes'> | undefined): SizesByVolume {
  return new Map(counted?.volumes.map((sizes) => [sizes.volume, sizes]));
}

export type AgentSize = Readonly<{ bytes: number | undefined; excludedBytes: number | undefined }>;

/** Of today where it was counted, else of the last backup; undefined where neither is known. */
export function sizeOfAgent({ volumes }: Agent, sizes: SizesByVolume): AgentSize {
  const known = volumes.map(({ volume, bytes }) => sizes.get(volume)?.bytes ?? bytes ?? undefined);
  const leftOut = volumes.map(({ volume }) => sizes.get(volume)?.excludedBytes);
  return { bytes: sumOf(known), excludedBytes: sumOf(leftOut) };
}

function sumOf(sizes: readonly (number | undefined)[]): number | undefined {
  const known = sizes.filter((size) => size !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, size) => sum + size, 0);
}
