import type { Engine } from '../engine.ts';
import type { OperationOptions } from '../operation.ts';
import { type InputOf, type OperationName, operations, type ResultOf } from './operations.ts';

/** Runs an operation on an engine; `input` is checked by the operation itself. */
export async function runOperation<Name extends OperationName>(
  engine: Engine,
  name: Name,
  input: InputOf<Name>,
  options: OperationOptions,
): Promise<ResultOf<Name>> {
  const { run } = await operations[name]();
  // The table ties name, input and result together; that is lost where it is indexed by a type parameter.
  return (await run(engine, input, options)) as ResultOf<Name>;
}
