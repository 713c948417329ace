import { addAbortListener } from 'node:events';
import path from 'node:path';
import { AppError, messageOf } from '../../../../shared/lib/app-error.ts';
import { within } from '../../../platform/within.ts';
import { cancelled } from '../cancelled.ts';
import { HostAccess } from '../access/host-access.ts';
import { keepStream } from '../access/keep-stream.ts';
import { knowsAll } from '../previous/previous-facts.ts';
import type { TreeAccess } from '../records/tree-access.ts';
import { selectChanged } from '../select/select-changed.ts';
import type { Selection } from '../select/selection.ts';
import { fileStream } from './file-stream.ts';
import type { KeptListingOpened } from './kept-listing.ts';
import type { TwoPassRequest } from './two-pass.ts';

const defaultBudgetMs = 10_000;
/** How long a pass that was given up is waited for, when everything runs again. */
const endMs = 5000;

/** What a frozen pass left in local files. */
export type Frozen = Readonly<{ selection: Selection; contentFile: string }>;

export type FrozenEnd = Readonly<{
  frozen: Frozen | undefined;
  frozenMs: number;
  /** Why the copy is not of one moment; undefined when it is. */
  reason: string | undefined;
}>;

/** What the first pass left: its listing, and its tree stream in a file where an access gave one. */
type HotPass = KeptListingOpened & Readonly<{ recordsFile?: string }>;

/**
 * Freezes, takes what differs from the first pass into local files, and resumes, whatever happens: nothing of it waits for the vault. Only
 * what `resume` throws, and a cancelled run, are errors.
 */
export async function runFrozenPass(
  request: TwoPassRequest,
  hot: HotPass,
  folder: string,
): Promise<FrozenEnd> {
  const budgetMs = request.budgetMs ?? defaultBudgetMs;
  const over = new AbortController();
  const signal = AbortSignal.any([request.signal, over.signal]);
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const startBudget = (): void => {
    timer ??= setTimeout(() => over.abort(overBudget(budgetMs)), budgetMs);
  };
  const freezing = endOf(freeze(request, signal, startBudget));
  const pass = endOf(takeFrozen({ request, hot, folder, signal, freezing }));
  const aborted = Promise.withResolvers<void>();
  using parts = new DisposableStack();
  parts.use(addAbortListener(signal, () => aborted.resolve()));
  await Promise.race([pass, aborted.promise]);
  clearTimeout(timer);
  const isInTime = !signal.aborted;
  // Whoever freezes heeds the signal: what is not frozen yet cannot be resumed.
  await freezing;
  const resumed = await request.resume();
  const frozenMs = performance.now() - startedAt;
  // What is late is given up already: it only has to let go of its files.
  const end = await within(endMs, pass);
  if (request.signal.aborted) {
    throw cancelled(request.signal);
  }
  if (!isInTime || end?.value === undefined) {
    return { frozen: undefined, frozenMs, reason: messageOf(isInTime ? end?.error : over.signal.reason) };
  }
  return { frozen: end.value, frozenMs, reason: resumed.wasFrozen ? undefined : resumed.reason };
}

async function freeze(request: TwoPassRequest, signal: AbortSignal, onBegun: () => void): Promise<void> {
  await request.freeze(signal, onBegun);
  onBegun();
}

type Taking = Readonly<{
  request: TwoPassRequest;
  hot: HotPass;
  folder: string;
  signal: AbortSignal;
  freezing: Promise<End<void>>;
}>;

async function takeFrozen({ request, hot, folder, signal, freezing }: Taking): Promise<Frozen> {
  const { tree, mostSpoolBytes } = request;
  const { exclude, only } = tree;
  const { error } = await freezing;
  if (error !== undefined) {
    throw error;
  }
  signal.throwIfAborted();
  const since = hot.recordsFile;
  const access: TreeAccess = tree.kind === 'access' ? tree.access : new HostAccess(tree.root);
  const selection = await selectChanged({
    records: access.list({
      exclude,
      ...(only === undefined ? {} : { only }),
      sync: false,
      ...(since === undefined ? {} : { since }),
      signal,
    }),
    previous: hot.listing,
    reader: hot.reader,
    writer: knowsAll,
    mayRecut: false,
    folder,
    name: 'frozen',
    mostRecordBytes: mostSpoolBytes,
    signal,
  });
  const mostBytes = mostSpoolBytes - selection.recordBytes;
  if (selection.wantedBytes > mostBytes) {
    throw overSpool();
  }
  const contentFile = path.join(folder, 'frozen.content');
  const stream = access.send(fileStream(selection.wantedFile), signal);
  await keepStream({ stream, file: contentFile, mostBytes, signal });
  return { selection, contentFile };
}

type End<Value> = Readonly<{ value?: Value; error?: unknown }>;

/** How something ended, as a value: it is looked at after everything runs again. */
async function endOf<Value>(work: Promise<Value>): Promise<End<Value>> {
  try {
    return { value: await work };
  } catch (error) {
    return { error };
  }
}

function overBudget(budgetMs: number): AppError {
  const seconds = String(Math.round(budgetMs / 100) / 10);
  return new AppError(
    'failed',
    `Reading what changed took longer than the ${seconds} s that agents may stand still.`,
  );
}

function overSpool(): AppError {
  return new AppError(
    'failed',
    'More changed during the first pass than there is room for while agents stand still.',
  );
}
