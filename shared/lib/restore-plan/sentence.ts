import type { PlanChange } from '../../model/restore-plan.ts';
import { countText } from '../size-text.ts';
import { durationText } from '../time-text.ts';

/** The paths behind a number. */
export type PlanTable = Readonly<{ source: string; change: PlanChange; files: number }>;

/** A sentence in parts, of which some have a table behind them. `attention`: somebody should think before going on. */
export type PlanSentence = Readonly<{
  tone: 'plain' | 'attention';
  parts: readonly Readonly<{ text: string; table?: PlanTable }>[];
}>;

export function sentenceText({ parts }: PlanSentence): string {
  return parts.map(({ text }) => text).join('');
}

export function plain(text: string): PlanSentence {
  return { tone: 'plain', parts: [{ text }] };
}

export function attention(text: string): PlanSentence {
  return { tone: 'attention', parts: [{ text }] };
}

/** A source as people call it: `The database`, `The workspace of research`. */
export function sourceWords(source: string, agents: readonly string[] = []): string {
  const [component = '', ...rest] = source.split('/');
  const volume = rest.join('/');
  if (component === 'persistence') return 'The database';
  if (component === 'config') return 'The configuration';
  if (component === 'files') return "Trinity's shared files";
  if (component === 'paths') return `The folder ${volume}`;
  if (component !== 'memory') return source;
  return agents.length === 0 ? `The volume ${volume}` : `The volume ${volume} of ${listText(agents)}`;
}

/** The same within a sentence: `the database`, `Trinity's shared files`. */
export function sourceWithin(source: string): string {
  const words = sourceWords(source);
  return words.startsWith('Trinity') ? words : words.charAt(0).toLowerCase() + words.slice(1);
}

/** A duration that is not known better: `5 s`, `20 s`, `2 min`. */
export function aboutText(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 10) return `${String(seconds)} s`;
  return durationText((seconds < 60 ? Math.ceil(seconds / 5) * 5 : Math.ceil(seconds / 10) * 10) * 1000);
}

export function listText(names: readonly string[]): string {
  const shown = names.slice(0, 5);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${countText(more)} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}

export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
