import type { PlanChange, PlannedSource, RestorePlan } from '../model/restore-plan.ts';
import { countOf, countText, sizeText } from './size-text.ts';
import { durationText, momentText } from './time-text.ts';

/** The paths behind a number. */
export type PlanTable = Readonly<{ source: string; change: PlanChange; files: number }>;

/** A sentence in parts, of which some have a table behind them. `attention`: somebody should think before going on. */
export type PlanSentence = Readonly<{
  tone: 'plain' | 'attention';
  parts: readonly Readonly<{ text: string; table?: PlanTable }>[];
}>;

/** What a restore would do, in words; the same on every page and in the command line. The first says how it is undone. */
export function planSentences(plan: RestorePlan, nowMs: number): readonly PlanSentence[] {
  return [
    ...destinationSentences(plan),
    ...stopSentences(plan),
    ...plan.sources.map((source) => sourceSentence(source, plan, nowMs)),
    ...plan.failed.map((source) =>
      attention(`${sourceWords(source)} is not in this backup and stays as it is.`),
    ),
    ...keptSentences(plan),
    ...agentSentences(plan),
    ...versionSentences(plan),
    ...keySentences(plan),
    ...quietSentences(plan),
    ...hostSentences(plan),
    ...spaceSentences(plan),
    ...plan.warnings.map(({ message }) => attention(message)),
    ...plan.notes.map(({ message }) => plain(message)),
    ...(plan.estimatedMs === null
      ? []
      : [plain(`All in all it takes about ${aboutText(plan.estimatedMs)}.`)]),
  ];
}

export function sentenceText({ parts }: PlanSentence): string {
  return parts.map(({ text }) => text).join('');
}

/** A source as people call it: `The database`, `The workspace of research`. */
export function sourceWords(source: string, agents: readonly string[] = []): string {
  const [component = '', ...rest] = source.split('/');
  const volume = rest.join('/');
  if (component === 'persistence') return 'The database';
  if (component === 'config') return 'The configuration';
  if (component === 'files') return "Trinity's shared files";
  if (component === 'paths') return `The folder ${volume}`;
  return agents.length === 0 ? `The volume ${volume}` : `The volume ${volume} of ${listText(agents)}`;
}

function plain(text: string): PlanSentence {
  return { tone: 'plain', parts: [{ text }] };
}

function attention(text: string): PlanSentence {
  return { tone: 'attention', parts: [{ text }] };
}

function destinationSentences({
  destination,
  safetyBackup,
  from,
  isOtherInstall,
}: RestorePlan): PlanSentence[] {
  const sentences: PlanSentence[] = [];
  if (destination.way === 'to')
    sentences.push(
      plain(`Plain files are written to ${destination.folder}, for this user only; nothing else is touched.`),
    );
  else if (destination.way === 'as') sentences.push(...newAgentSentences(destination));
  else if (destination.way === 'new-install')
    sentences.push(plain(`A new install is built in ${destination.folder}; nothing else is touched.`));
  else sentences.push(safetySentence(safetyBackup));
  if (from !== null) sentences.push(attention(`The copy ${from} of the vault is read.`));
  if (isOtherInstall && (destination.way === 'in-place' || destination.way === 'as'))
    sentences.push(attention('This backup is of another install than the one here.'));
  return sentences;
}

/** What a copy of an agent gets, and what it does not. */
function newAgentSentences({
  agent,
  name,
  template,
  leftOut,
  isStarted,
}: Extract<RestorePlan['destination'], { way: 'as' }>): PlanSentence[] {
  const rights =
    template === null
      ? `Trinity has no agent ${agent} any more: ${name} belongs to an administrator and has Trinity's usual limits.`
      : `Its owner and limits are those that ${template} has in Trinity now.`;
  return [
    plain(`A new agent, ${name}, is made of ${agent}; nothing that is there now is changed or stopped.`),
    plain(rights),
    plain(
      'It gets a key of its own, and no schedules, permissions, shared links, channels or git sync: add in Trinity what it is to have.',
    ),
    attention(
      `Its files are those of ${agent}, with the passwords and keys in them: both agents act in the same accounts.`,
    ),
    ...(leftOut.length === 0
      ? []
      : [attention(`${listText(leftOut)} can be no other agent's and stays out.`)]),
    plain(isStarted ? 'Trinity starts it when all of it is there.' : 'Start it in Trinity afterwards.'),
  ];
}

function safetySentence(safetyBackup: RestorePlan['safetyBackup']): PlanSentence {
  if (safetyBackup === 'none') return attention('No safety backup is made: this cannot be undone.');
  if (safetyBackup === 'nothing-live')
    return plain('Nothing of it is live, so there is nothing to back up before.');
  return plain('First, what is replaced is backed up, so that this can be undone.');
}

function stopSentences({ stops, destination, sources }: RestorePlan): PlanSentence[] {
  if (destination.way !== 'in-place') return [];
  if (stops === null) {
    const isDatabase = sources.some(({ component }) => component === 'persistence');
    const who = isDatabase ? 'Trinity' : 'whatever uses it';
    return [attention(`No Docker engine is known here, so nobody is stopped: stop ${who} before you go on.`)];
  }
  const { containers, estimatedMs } = stops;
  if (containers.length === 0) return [plain('Nobody uses it now, so nobody has to stop.')];
  const agents = containers.flatMap(({ agent }) => (agent === null ? [] : [agent]));
  const platform = containers.filter(({ agent, isTrinity }) => agent === null && isTrinity);
  const others = containers.filter(({ isTrinity }) => !isTrinity).map(({ name }) => name);
  const who = [
    ...(platform.length > 0 ? ['Trinity'] : []),
    ...(agents.length === 0 ? [] : [`the ${agents.length === 1 ? 'agent' : 'agents'} ${listText(agents)}`]),
  ];
  const sentences: PlanSentence[] = [];
  const verb = who.length === 1 && agents.length < 2 ? 'stops' : 'stop';
  if (who.length > 0)
    sentences.push(plain(`${upperFirst(who.join(' and '))} ${verb} for about ${aboutText(estimatedMs)}.`));
  if (others.length > 0)
    sentences.push(
      attention(`${listText(others)}, not of Trinity, uses what is restored and stops too for that time.`),
    );
  return sentences;
}

function sourceSentence(source: PlannedSource, plan: RestorePlan, nowMs: number): PlanSentence {
  const { held, way, counts, agents } = source;
  const name = sourceWords(source.source, agents);
  const all = `${countOf(held.files, 'file')} (${sizeText(held.bytes)})`;
  if (way === 'apart') return plain(`${name}: ${all}.`);
  if (way === 'replaced') {
    const moment = momentText(Date.parse(plan.timestamp), nowMs);
    return plain(`${name} goes back as a whole (${sizeText(held.bytes)}), as it was ${moment}.`);
  }
  if (counts === null)
    return plain(
      `${name}: ${all} are written anew; how many differ is not known before Trinity stands still.`,
    );
  return { tone: 'plain', parts: [{ text: `${name}: ` }, ...changeParts(source, counts), { text: '.' }] };
}

function changeParts(
  { source }: PlannedSource,
  { changed, added, removed, unchanged, folders }: NonNullable<PlannedSource['counts']>,
): PlanSentence['parts'] {
  const table = (change: PlanChange, files: number): PlanTable => ({ source, change, files });
  const size = (bytes: number): string => (bytes === 0 ? '' : ` (${sizeText(bytes)})`);
  const parts: { text: string; table?: PlanTable }[] = [];
  if (changed.files > 0) {
    const text = `${countOf(changed.files, 'file')} ${changed.files === 1 ? 'changes' : 'change'}${size(changed.bytes)}`;
    parts.push({ text, table: table('changed', changed.files) });
  }
  if (added.files > 0) {
    const noun = parts.length === 0 ? countOf(added.files, 'file') : countText(added.files);
    const text = `${noun} ${added.files === 1 ? 'comes' : 'come'} back${size(added.bytes)}`;
    parts.push({ text, table: table('added', added.files) });
  }
  if (removed.files > 0) {
    const noun = parts.length === 0 ? countOf(removed.files, 'file') : countText(removed.files);
    const text = `${noun} added since ${removed.files === 1 ? 'is' : 'are'} removed${size(removed.bytes)}`;
    parts.push({ text, table: table('removed', removed.files) });
  }
  if (parts.length === 0) {
    const same = folders === 0 ? 'nothing differs' : `only ${countOf(folders, 'empty folder')} differ`;
    parts.push({
      text:
        unchanged.files === 0
          ? same
          : `${same}, ${unchanged.files === 1 ? 'its file stays as it is' : `all ${countText(unchanged.files)} files stay as they are`}`,
    });
  } else if (unchanged.files > 0) {
    parts.push({
      text: `${countText(unchanged.files)} ${unchanged.files === 1 ? 'stays as it is' : 'stay as they are'}`,
    });
  }
  return parts.flatMap((part, index) => (index === 0 ? [part] : [{ text: ', ' }, part]));
}

function keptSentences({ sources }: RestorePlan): PlanSentence[] {
  const sum = (reason: 'excluded' | 'unread' | 'special'): number =>
    sources.reduce((total, { counts }) => total + (counts?.kept[reason] ?? 0), 0);
  const reasons = [
    ...(sum('excluded') > 0 ? [`${countText(sum('excluded'))} left out by the exclusions`] : []),
    ...(sum('unread') > 0 ? [`${countText(sum('unread'))} that could not be read`] : []),
    ...(sum('special') > 0 ? [countOf(sum('special'), 'socket or the like', 'sockets and the like')] : []),
  ];
  if (reasons.length === 0) return [];
  const all = sum('excluded') + sum('unread') + sum('special');
  const what = all === 1 ? '1 file or folder' : `${countText(all)} files and folders`;
  return [
    plain(`${what} that the backup does not hold ${all === 1 ? 'stays' : 'stay'}: ${reasons.join(', ')}.`),
  ];
}

function agentSentences({ younger, ownerless, revived }: RestorePlan): PlanSentence[] {
  const sentences = revived.map(({ agent, how }) =>
    plain(
      `The agent ${agent}, which was deleted since, is ${how === 'recovered' ? 'recovered' : 'created again'} in Trinity.`,
    ),
  );
  if (younger.agents.length > 0) {
    const [is, their] = younger.agents.length === 1 ? ['is', 'its'] : ['are', 'their'];
    sentences.push(
      attention(
        `${listText(younger.agents)} ${is} younger than this backup, and Trinity will not know ${younger.agents.length === 1 ? 'it' : 'them'} afterwards: ${their} volumes stay for now and are in the safety backup.`,
      ),
    );
  } else if (younger.volumes.length > 0) {
    sentences.push(
      attention(
        `${listText(younger.volumes)} is younger than this backup: it stays and is in the safety backup.`,
      ),
    );
  }
  if (ownerless.length > 0)
    sentences.push(
      attention(
        `No agent in Trinity owns ${listText(ownerless)} any more: Trinity removes it within hours, unless the agent is created again.`,
      ),
    );
  return sentences;
}

function versionSentences({ versions }: RestorePlan): PlanSentence[] {
  if (versions === null || versions.state === 'same') return [];
  if (versions.state === 'unknown')
    return [
      attention('Which version of Trinity this backup is of is not known: see that yours is not older.'),
    ];
  const { backup, installed } = versions;
  return [
    plain(
      `The data is of Trinity ${backup ?? 'an earlier version'}; Trinity ${installed ?? ''} will migrate it when it starts.`,
    ),
  ];
}

function keySentences({ keys }: RestorePlan): PlanSentence[] {
  if (keys === null || keys.state === 'same') return [];
  const made = 'The credentials in this backup were encrypted with another key than the one in .env';
  if (keys.state === 'lost')
    return [attention(`${made}, which the backup does not hold: they cannot be read afterwards.`)];
  if (keys.choice === 'leave') return [attention(`${made}: they cannot be read until you add it.`)];
  return [plain(`${made}: it is added there as the secondary key, so that Trinity can read them.`)];
}

function quietSentences({ quiet, destination }: RestorePlan): PlanSentence[] {
  if (quiet === null || destination.way === 'to') return [];
  const sentences: PlanSentence[] = [];
  const on = quiet.schedules?.length ?? 0;
  const which = on > 0 && on <= 5 ? ` (${listText(quiet.schedules ?? [])})` : '';
  if (quiet.isOn) {
    const waiting =
      quiet.waitingRuns === 0
        ? ''
        : ` ${countOf(quiet.waitingRuns, 'waiting run')} ${quiet.waitingRuns === 1 ? 'is' : 'are'} cancelled.`;
    sentences.push(
      plain(`Trinity starts quietly: schedules stay off until you turn them on${which}.${waiting}`),
    );
  } else if (on > 0) {
    sentences.push(
      plain(`${countOf(on, 'schedule')} ${on === 1 ? 'goes' : 'go'} on as soon as Trinity starts${which}.`),
    );
  }
  if (quiet.reason === 'other-host')
    sentences.push(
      attention('This backup is of another host: see that Trinity does not run there any more.'),
    );
  return sentences;
}

function hostSentences({ hostValues }: RestorePlan): PlanSentence[] {
  if (hostValues.length === 0) return [];
  const kept = hostValues.map(({ key, value }) => (value === null ? key : `${key}=${value}`));
  return [attention(`.env keeps of the old host, unless other values are given: ${kept.join(', ')}.`)];
}

function spaceSentences({ space }: RestorePlan): PlanSentence[] {
  return space.map(({ folder, neededBytes, freeBytes }) => {
    const free = `${sizeText(neededBytes)} ${neededBytes === 1 ? 'is' : 'are'} needed at most on the disk of ${folder}, where ${sizeText(freeBytes)} are free`;
    return freeBytes > neededBytes ? plain(`${free}.`) : attention(`${free}: make room first.`);
  });
}

/** A duration that is not known better: `5 s`, `20 s`, `2 min`. */
export function aboutText(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 10) return `${String(seconds)} s`;
  return durationText((seconds < 60 ? Math.ceil(seconds / 5) * 5 : Math.ceil(seconds / 10) * 10) * 1000);
}

function listText(names: readonly string[]): string {
  const shown = names.slice(0, 5);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${countText(more)} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What became of a restore, as the result says it first. `name` as within a sentence. */
export function restoredText(
  done: Readonly<{
    name: string;
    isAgent: boolean;
    files: number;
    stoppedMs: number;
    restartRequired: boolean;
    tookMs: number;
  }>,
): string {
  const { name, isAgent, files, stoppedMs, restartRequired, tookMs } = done;
  const isRunning = isAgent && stoppedMs > 0 && !restartRequired;
  const what = isRunning ? `${name} is running again.` : `Restored ${name}.`;
  const count = files === 0 ? 'Nothing differed.' : `${countOf(files, 'file')} restored and checked.`;
  return `${what} ${count} It took ${durationText(tookMs)}.`;
}
