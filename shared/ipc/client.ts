import type { CallInput, CallOutput } from './contract.ts';
import { type AppEvent, type EventName, eventModels } from '../model/events.ts';
import { valueOf } from './envelope.ts';
import type { CallName } from './names.ts';

export type OnConnection = (isOpen: boolean) => void;

/** How calls reach the engine: in process, through Electron's preload, or over HTTP. */
export type Transport = Readonly<{
  /** Resolves with an envelope, whatever went wrong on the other side. */
  call: (name: CallName, input: unknown) => Promise<unknown>;
  /**
   * Tells what happens, the last of each first, until the returned function is called. `onConnection` is told when that can be lost: on
   * `true` the last of each comes again, and what happened in between nobody has heard.
   */
  subscribe: (listener: (name: string, event: unknown) => void, onConnection: OnConnection) => () => void;
}>;

export type Client = Readonly<{
  /** Rejects with the `AppError` that was thrown on the other side. */
  call: <Name extends CallName>(name: Name, input: CallInput<Name>) => Promise<CallOutput<Name>>;
  /** As that of the transport, with the events of the contract alone. */
  subscribe: (listener: (event: AppEvent) => void, onConnection?: OnConnection) => () => void;
}>;

/** The one way of pages to the engine. */
export function createClient(transport: Transport): Client {
  return {
    call: async <Name extends CallName>(name: Name, input: CallInput<Name>) =>
      // The router has parsed it by the contract of the same build.
      valueOf(await transport.call(name, input)) as CallOutput<Name>,
    subscribe: (listener, onConnection = () => undefined) =>
      transport.subscribe((name, event) => {
        const told = eventOf(name, event);
        if (told !== undefined) listener(told);
      }, onConnection),
  };
}

/** An event of a name or shape that is not known is of another version, and nothing to a page. */
function eventOf(name: string, event: unknown): AppEvent | undefined {
  if (!isEventName(name)) return undefined;
  const parsed = eventModels[name].safeParse(event);
  // Name and event belong together by the table, which is lost where it is indexed by a union.
  return parsed.success ? ({ name, event: parsed.data } as AppEvent) : undefined;
}

function isEventName(name: string): name is EventName {
  return Object.hasOwn(eventModels, name);
}
