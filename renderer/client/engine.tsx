import { type QueryClient, skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { AppError } from '../../shared/lib/app-error.ts';
import type { Client } from '../../shared/ipc/client.ts';
import type { CallInput, CallOutput } from '../../shared/ipc/contract.ts';
import type { CallName } from '../../shared/ipc/names.ts';
import type { AppEvent, EventOf } from '../../shared/model/events.ts';
import { type Sample, sampled } from './progress-rate.ts';

/** A run that is on: what it last said, and where it was when. */
export type LiveRun = EventOf<'runStarted'> &
  Partial<EventOf<'runProgress'>> &
  Readonly<{ samples: readonly Sample[] }>;

export type LiveRuns = ReadonlyMap<string, LiveRun>;

const ClientContext = createContext<Client | undefined>(undefined);
const LiveRunsContext = createContext<LiveRuns>(new Map());
const LostContext = createContext<number | undefined>(undefined);

/** Gives the pages below it the engine, keeps what they have read true by its events, and what runs live. */
export function EngineProvider({ client, children }: Readonly<{ client: Client; children: ReactNode }>) {
  const queries = useQueryClient();
  const [runs, setRuns] = useState<LiveRuns>(new Map());
  const [lostAtMs, setLost] = useState<number>();
  useEffect(() => {
    let wasLost = false;
    const listen = (event: AppEvent): void => {
      setRuns((before) => runsAfter(before, event, performance.now()));
      refreshFor(queries, event);
    };
    return client.subscribe(listen, (isOpen) => {
      setLost((before) => (isOpen ? undefined : (before ?? Date.now())));
      // Nobody has heard what happened meanwhile, nor how runs have ended: perhaps with the process that they were in.
      if (isOpen && wasLost) {
        setRuns(new Map());
        void queries.invalidateQueries();
      }
      wasLost = !isOpen;
    });
  }, [client, queries]);
  return (
    <ClientContext value={client}>
      <LostContext value={lostAtMs}>
        <LiveRunsContext value={runs}>{children}</LiveRunsContext>
      </LostContext>
    </ClientContext>
  );
}

/** Since when nothing is heard of the engine, in ms since 1970; undefined while all is well. */
export function useLostSince(): number | undefined {
  return useContext(LostContext);
}

export function useClient(): Client {
  const client = useContext(ClientContext);
  if (client === undefined) throw new Error('EngineProvider is missing');
  return client;
}

export function useLiveRuns(): LiveRuns {
  return useContext(LiveRunsContext);
}

/** Reads by a call, and again when an event says that it may have changed. */
export function useCall<Name extends CallName>(name: Name, input: CallInput<Name>) {
  const client = useClient();
  return useQuery<CallOutput<Name>>({
    queryKey: [name, input],
    queryFn: async () => await client.call(name, input),
  });
}

type Task = CallOutput<'tasks.get'>;
export type TaskProgress = NonNullable<Task['progress']>;

/** Long work, until it is done. A run tells its end a moment before its task has the result: while it is on, it is asked for. */
export function useTask(taskId: string | undefined, everyMs = 1000) {
  const client = useClient();
  const queries = useQueryClient();
  const queryKey = ['tasks.get', { taskId }];
  const ask = async (asked: string): Promise<Task> => {
    try {
      return await client.call('tasks.get', { taskId: asked });
    } catch (error) {
      if (!isUnknown(error)) throw error;
      const before = queries.getQueryData<Task>(queryKey);
      const { kind, message, details } = cutOff;
      if (before === undefined) throw new AppError(kind, message, { details });
      return before.state === 'running' ? { ...before, state: 'failed', error: cutOff } : before;
    }
  };
  return useQuery<Task>({
    queryKey,
    queryFn: taskId === undefined ? skipToken : async () => await ask(taskId),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? everyMs : false),
  });
}

/** Tasks are of one life of the application: one that is not known any more went with it. */
function isUnknown(error: unknown): boolean {
  return error instanceof AppError && error.kind === 'not-found';
}

const cutOff: NonNullable<Task['error']> = {
  kind: 'failed',
  message: 'Trinity Backup ended while this was on, and was started again. Activity says what became of it.',
  details: { isCutOff: true },
};

/** Does something by a call; what it changed is read again. */
export function useAction<Name extends CallName>(name: Name) {
  const client = useClient();
  const queries = useQueryClient();
  return useMutation<CallOutput<Name>, Error, CallInput<Name>>({
    mutationFn: async (input) => await client.call(name, input),
    onSettled: async () => await queries.invalidateQueries(),
  });
}

/** Which calls may answer otherwise after an event. */
const staleAfter: Readonly<Record<AppEvent['name'], readonly string[]>> = {
  runStarted: ['status.', 'tasks.'],
  runProgress: [],
  runFinished: ['status.', 'tasks.', 'backups.', 'history.', 'activity.', 'agents.list', 'vault.'],
  settingsChanged: ['status.', 'settings.', 'schedule.', 'agents.', 'home.', 'setup.'],
  vaultChanged: ['status.', 'backups.', 'history.', 'keys.', 'vault.', 'retention.'],
  scheduleChanged: ['status.', 'schedule.'],
  // A place that went away or came back, or a new agent, has no other event.
  statusChanged: ['status.', 'vault.', 'keys.', 'copies.', 'agents.list', 'backups.list', 'history.'],
  statusAged: ['status.'],
  noticesChanged: ['notices.'],
  copiesChanged: ['status.', 'copies.'],
  activityRecorded: ['activity.'],
};

function refreshFor(queries: QueryClient, { name }: AppEvent): void {
  const stale = staleAfter[name];
  if (stale.length === 0) return;
  void queries.invalidateQueries({
    predicate: ({ queryKey: [call], state }) =>
      stale.some((domain) => String(call).startsWith(domain)) ||
      // What could not be read may be read now.
      (name === 'statusChanged' && state.status === 'error'),
  });
}

/** The runs after an event that came at `atMs`, of a clock that never jumps. */
function runsAfter(before: LiveRuns, { name, event }: AppEvent, atMs: number): LiveRuns {
  if (name === 'runStarted') return new Map(before).set(event.runId, { ...event, samples: [] });
  if (name === 'runProgress') {
    const sample = { atMs, done: event.done, phase: event.phase };
    const samples = sampled(before.get(event.runId)?.samples ?? [], sample);
    return new Map(before).set(event.runId, { ...event, samples });
  }
  if (name !== 'runFinished' || !before.has(event.runId)) return before;
  const after = new Map(before);
  after.delete(event.runId);
  return after;
}
