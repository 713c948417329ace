import { AppError } from '../../../shared/lib/app-error.ts';
import { contract, type HandlerInput, type HandlerOutput, isCallName } from '../../../shared/ipc/contract.ts';
import { type Envelope, errorEnvelope } from '../../../shared/ipc/envelope.ts';
import type { CallName } from '../../../shared/ipc/names.ts';
import { appErrorOf } from '../app-error-of.ts';

/** One handler for each call of the contract: a forgotten one does not compile. */
export type CallHandlers = {
  readonly [Name in CallName]: (
    input: HandlerInput<Name>,
    signal: AbortSignal,
  ) => Promise<HandlerOutput<Name>>;
};

type AnyHandler = (input: unknown, signal: AbortSignal) => Promise<unknown>;

/** Answers calls by name: checks what comes in, and lets out only what the contract names. Never rejects. */
export class CallRouter {
  readonly #handlers: CallHandlers;
  readonly #onUnexpected: (name: CallName, error: unknown) => void;

  /** `onUnexpected` is told every error that was not made for people, in full. */
  constructor(handlers: CallHandlers, onUnexpected: (name: CallName, error: unknown) => void) {
    this.#handlers = handlers;
    this.#onUnexpected = onUnexpected;
  }

  async dispatch(name: string, input: unknown, signal: AbortSignal): Promise<Envelope> {
    if (!isCallName(name)) {
      return errorEnvelope(
        new AppError('usage', 'There is no such call.', { details: { unknownCall: true } }),
      );
    }
    try {
      return { ok: true, value: await this.#answer(name, input, signal) };
    } catch (error) {
      if (!(error instanceof AppError)) this.#onUnexpected(name, error);
      return errorEnvelope(appErrorOf(error));
    }
  }

  async #answer(name: CallName, input: unknown, signal: AbortSignal): Promise<unknown> {
    const parsed = contract[name].input.safeParse(input);
    if (!parsed.success) throw badInput(parsed.error.issues[0]);
    // Name, input and handler belong together by the type of the table, which is lost where it is indexed by a union.
    const handler = this.#handlers[name] as AnyHandler;
    return contract[name].output.parse(await handler(parsed.data, signal));
  }
}

function badInput(issue: Readonly<{ path: readonly PropertyKey[]; message: string }> | undefined): AppError {
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `;
  return new AppError(
    'usage',
    `That cannot be done as asked (${where}${issue?.message ?? 'unknown reason'}).`,
    { details: { badInput: true } },
  );
}
