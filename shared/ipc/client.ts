import type { CallInput, CallOutput } from './contract.ts';
import { valueOf } from './envelope.ts';
import type { CallName } from './names.ts';

/** How calls reach the engine: in process, through Electron's preload, or over HTTP. */
export type Transport = Readonly<{
  /** Resolves with an envelope, whatever went wrong on the other side. */
  call: (name: CallName, input: unknown) => Promise<unknown>;
}>;

export type Client = Readonly<{
  /** Rejects with the `AppError` that was thrown on the other side. */
  call: <Name extends CallName>(name: Name, input: CallInput<Name>) => Promise<CallOutput<Name>>;
}>;

/** The one way of pages to the engine. */
export function createClient(transport: Transport): Client {
  return {
    call: async <Name extends CallName>(name: Name, input: CallInput<Name>) =>
      // The router has parsed it by the contract of the same build.
      valueOf(await transport.call(name, input)) as CallOutput<Name>,
  };
}
