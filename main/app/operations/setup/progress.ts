import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { hasCode } from '../../../../shared/lib/app-error.ts';
import { setupStep, type SetupStep } from '../../../../shared/model/setup-step.ts';
import { removeFileAtomic, writeFileAtomic } from '../../../platform/atomic-file.ts';
import type { Engine } from '../../engine.ts';
import { operation } from '../../operation.ts';
import { isSetUp } from '../../settings/set-up.ts';

const stored = z.strictObject({ version: z.literal(1), step: setupStep });

export type SetupProgress = Readonly<{
  /** Install and vault are both named. */
  isSetUp: boolean;
  /** What a set-up in the pages that is not finished goes on with. */
  step: SetupStep | null;
}>;

/** Whether this home is set up, and where a set-up in the pages was left. */
export const setupGet = operation(
  z.strictObject({}),
  async (engine): Promise<SetupProgress> => await progressOf(engine),
);

/** Remembers how far a set-up in the pages is; null: it is done. */
export const setupNote = operation(
  z.strictObject({ step: setupStep.nullable() }),
  async (engine, { step }): Promise<SetupProgress> => {
    const file = engine.home.setupFile;
    if (step !== null) {
      await writeFileAtomic(file, [Buffer.from(`${JSON.stringify({ version: 1, step })}\n`)]);
    } else if ((await readStep(file)) !== null) {
      await removeFileAtomic(file);
    }
    return await progressOf(engine);
  },
);

async function progressOf(engine: Engine): Promise<SetupProgress> {
  const { settings } = await engine.settings.read();
  return { isSetUp: isSetUp(settings), step: await readStep(engine.home.setupFile) };
}

/** A file that says nothing costs a question that is asked twice. */
async function readStep(file: string): Promise<SetupStep | null> {
  try {
    return stored.parse(JSON.parse(await readFile(file, 'utf8'))).step;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}
