import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { dateText, dayMs, durationText, fullText } from '../../../../shared/lib/time-text.ts';
import { savedPercent, type TrendPoint } from './chart-data.ts';

/** The figures of a chart, the oldest first. */
export type Figures = Readonly<{ headings: readonly string[]; rows: readonly (readonly string[])[] }>;

const none = 'No backup yet.';

export function growthTable(points: readonly TrendPoint[]): Figures {
  return {
    headings: ['Backup', 'Trinity', 'Vault'],
    rows: points.map(({ atMs, sourceBytes, vaultBytes }) => [
      fullText(atMs),
      sizeText(sourceBytes),
      vaultBytes === undefined ? 'not known' : sizeText(vaultBytes),
    ]),
  };
}

export function growthText(points: readonly TrendPoint[]): string {
  const last = points.at(-1);
  if (last === undefined) return none;
  const vault = last.vaultBytes === undefined ? '' : `, the vault ${sizeText(last.vaultBytes)}`;
  return `Trinity holds ${sizeText(last.sourceBytes)}${vault}. What was cleared since is not drawn.`;
}

export function savingTable(points: readonly TrendPoint[]): Figures {
  return {
    headings: ['Up to', 'If each were whole', 'Stored', 'Saved'],
    rows: points.map((point) => [
      fullText(point.atMs),
      sizeText(point.wholeBytes),
      sizeText(point.writtenBytes),
      `${String(savedPercent(point))} %`,
    ]),
  };
}

/** `backups`: how many the points stand for. */
export function savingText(points: readonly TrendPoint[], backups: number): string {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return none;
  const many = `${countOf(backups, 'backup')} since ${dateText(first.atMs)}`;
  return `${many}: ${sizeText(last.wholeBytes)} if each were whole, ${sizeText(last.writtenBytes)} stored.`;
}

export function durationTable(points: readonly TrendPoint[]): Figures {
  return {
    headings: ['Backup', 'Took'],
    rows: points.map(({ atMs, durationMs }) => [fullText(atMs), durationText(durationMs)]),
  };
}

export function durationSummary(points: readonly TrendPoint[]): string {
  const last = points.at(-1);
  if (last === undefined) return none;
  const days = Math.max(1, Math.round((last.atMs - (points[0]?.atMs ?? last.atMs)) / dayMs));
  const longest = Math.max(...points.map(({ durationMs }) => durationMs));
  return `The last took ${durationText(last.durationMs)}, the longest of ${days === 1 ? 'a day' : `${String(days)} days`} ${durationText(longest)}.`;
}
