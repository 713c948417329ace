import type { z } from 'zod';
import type { Progress } from '../backup/services.ts';
import type { Engine } from './engine.ts';

/** What an operation is given beside its input. */
export type OperationOptions = Readonly<{
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}>;

/**
 * One capability, reached alike from the command line, REST and the pages. Input and result are plain JSON. It throws `AppError`
 * with a sentence for people.
 */
export type Operation<Input = unknown> = Readonly<{
  name: string;
  input: z.ZodType<Input>;
  run: (engine: Engine, input: Input, options: OperationOptions) => Promise<unknown>;
}>;

/** Keeps the type of the input together with its schema. */
export function operation<Input>(definition: Operation<Input>): Operation<Input> {
  return definition;
}
