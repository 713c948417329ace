import type { PlanChange, PlannedSource, RestorePlan } from '../../model/restore-plan.ts';
import { countOf, countText, sizeText } from '../size-text.ts';
import { momentText } from '../time-text.ts';
import { listText, plain, type PlanSentence, type PlanTable, sourceWithin, sourceWords } from './sentence.ts';

/** More of a kind than these would hide what is more important. */
const mostAlike = 3;

/** What becomes of each source. Those in which nothing differs are named together where they are many, as are volumes that are written apart. */
export function sourceSentences(plan: RestorePlan, nowMs: number): PlanSentence[] {
  const same = manyOf(plan.sources, isSame);
  const volumes = manyOf(plan.sources, ({ way, component }) => way === 'apart' && component === 'memory');
  const others = plan.sources.filter((source) => !same.includes(source) && !volumes.includes(source));
  return [
    ...others.map((source) => sourceSentence(source, plan, nowMs)),
    ...(volumes.length === 0 ? [] : [volumesSentence(volumes)]),
    ...(same.length === 0 ? [] : [sameSentence(same, others.length === 0 ? 'all' : 'the other')]),
  ];
}

function manyOf(
  sources: readonly PlannedSource[],
  isAlike: (source: PlannedSource) => boolean,
): readonly PlannedSource[] {
  const alike = sources.filter(isAlike);
  return alike.length > mostAlike ? alike : [];
}

function volumesSentence(sources: readonly PlannedSource[]): PlanSentence {
  const sum = (count: 'files' | 'bytes'): number =>
    sources.reduce((total, { held }) => total + held[count], 0);
  const agents = [...new Set(sources.flatMap((source) => source.agents))];
  const of = agents.length === 0 ? '' : ` of ${listText(agents)}`;
  return plain(
    `${countText(sources.length)} volumes${of}: ${countOf(sum('files'), 'file')} (${sizeText(sum('bytes'))}).`,
  );
}

function isSame({ way, counts }: PlannedSource): boolean {
  if (way !== 'compared' || counts === null) return false;
  const { changed, added, removed, folders } = counts;
  return changed.files + added.files + removed.files + folders === 0;
}

function sameSentence(sources: readonly PlannedSource[], which: 'all' | 'the other'): PlanSentence {
  const files = sources.reduce((sum, { counts }) => sum + (counts?.unchanged.files ?? 0), 0);
  const names = sources.map(({ source, volume }) => (volume === '' ? sourceWithin(source) : volume));
  return plain(
    `In ${which} ${countText(sources.length)} parts nothing differs, and their ${countOf(files, 'file')} stay as they are: ${listText(names)}.`,
  );
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

export function keptSentences({ sources }: RestorePlan): PlanSentence[] {
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
