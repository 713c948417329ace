import { messageOf } from '../../../shared/lib/app-error.ts';
import { openDockerEngine } from '../docker/docker-engine.ts';
import { bringBack, notBackError, type ContainerControl } from './bring-back.ts';
import { listQuiesceJournals, QuiesceJournal, type QuiesceJournalContent } from './quiesce-journal.ts';

/** What became of the containers of one run that had been cut off. */
export type ReplayedJournal = Readonly<{
  file: string;
  /** `waiting`: a restore must be finished or undone first. */
  result: 'back' | 'failed' | 'waiting';
  /** Names of the containers. */
  containers: readonly string[];
  message: string;
}>;

export type ReplayOptions = Readonly<{
  /** Whether containers that were stopped for a restore may be started: it was finished or undone. */
  isRestoreSettled: boolean;
  openEngine?: (host: string) => Promise<ContainerControl>;
}>;

/**
 * Brings back the containers that dead runs of a home have left paused or stopped; journals of living runs are let alone. Never rejects
 * for one journal: what could not be done is told, and its journal stays.
 */
export async function replayQuiesceJournals(
  folder: string,
  options: ReplayOptions,
): Promise<readonly ReplayedJournal[]> {
  const replayed: ReplayedJournal[] = [];
  for (const file of await listQuiesceJournals(folder)) {
    const one = await replayOne(file, options);
    if (one !== undefined) replayed.push(one);
  }
  return replayed;
}

/** The same for one journal; undefined while its owner lives, or when it is gone. */
export async function replayOne(file: string, options: ReplayOptions): Promise<ReplayedJournal | undefined> {
  try {
    await using journal = await QuiesceJournal.takeOver(file);
    if (journal === undefined) return undefined;
    return await replay(journal, options);
  } catch (error) {
    return { file, result: 'failed', containers: [], message: messageOf(error) };
  }
}

async function replay(
  journal: QuiesceJournal,
  { isRestoreSettled, openEngine = openDockerEngine }: ReplayOptions,
): Promise<ReplayedJournal> {
  const { content, file } = journal;
  const names = content.containers.map(({ name }) => name);
  if (content.purpose === 'restore' && !isRestoreSettled) {
    const message = `${listText(names)} stay down until the restore was finished or undone.`;
    return { file, result: 'waiting', containers: names, message };
  }
  const engine = await openEngine(content.host);
  const notBack = await bringBack(engine, content.containers, { isOwnerDead: true });
  const left = new Set(notBack.map(({ container }) => container.id));
  await journal.forget(content.containers.map(({ id }) => id).filter((id) => !left.has(id)));
  if (notBack.length > 0)
    return { file, result: 'failed', containers: names, message: notBackError(notBack).message };
  await journal.remove();
  return { file, result: 'back', containers: names, message: backMessage(content, names) };
}

function backMessage({ purpose }: QuiesceJournalContent, names: readonly string[]): string {
  if (names.length === 0) return 'A run was cut off while no container was held.';
  const what = purpose === 'copying' ? 'copied' : 'restored';
  return `${listText(names)} had been held to be ${what} when the run was cut off, and are back as they were.`;
}

function listText(names: readonly string[]): string {
  return names.length === 0 ? 'The containers' : names.join(', ');
}
