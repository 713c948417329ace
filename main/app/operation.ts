import type { z } from 'zod';
import { AppError } from '../../shared/lib/app-error.ts';
import type { RunOptions } from '../backup/services.ts';
import type { Engine } from './engine.ts';

/** What an operation is given beside its input. */
export type OperationOptions = Required<RunOptions> &
  Readonly<{
    /** The name of the run that it becomes, for whoever wants to know it in events. */
    runId?: string;
  }>;

/**
 * One capability, reached alike from the command line, REST and the pages. Input and result are plain JSON; `run`
 * throws `AppError` with a sentence for people.
 */
export type Operation<Input, Result> = Readonly<{
  parse: (input: unknown) => Input;
  run: (engine: Engine, input: unknown, options: OperationOptions) => Promise<Result>;
}>;

/** An operation whose input is checked by a schema before it runs: `usage` with the first thing that is wrong. */
export function operation<Schema extends z.ZodType, Result>(
  schema: Schema,
  run: (engine: Engine, input: z.output<Schema>, options: OperationOptions) => Promise<Result>,
): Operation<z.output<Schema>, Result> {
  const parse = (input: unknown): z.output<Schema> => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
    throw new AppError(
      'usage',
      `That cannot be done as asked (${where}${issue?.message ?? 'unknown reason'}).`,
    );
  };
  return { parse, run: async (engine, input, options) => await run(engine, parse(input), options) };
}
