import path from 'node:path';
import { z } from 'zod';
import { type CommandLab, sharedLab } from './command-lab.ts';

const made = z.object({ backupId: z.string() });

/** Labs of one backup that is on a copy by the name `nas`, too. */
export function sharedCopiedLab(): ReturnType<typeof sharedLab> {
  return sharedLab(async (lab) => {
    await lab.json(['backup']);
    await lab.json(['copies', 'add', nas(lab)], 3);
    await lab.json(['copies', 'run']);
  });
}

export function nas(lab: CommandLab): string {
  return path.join(lab.base, 'nas');
}

export async function backUp(lab: CommandLab, ...more: readonly string[]): Promise<string> {
  return made.parse(await lab.json(['backup', ...more])).backupId;
}

export async function idsIn(lab: CommandLab, ...more: readonly string[]): Promise<readonly string[]> {
  return z
    .array(made)
    .parse(await lab.json(['list', ...more]))
    .map(({ backupId }) => backupId);
}
