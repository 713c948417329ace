import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { sizeText } from '../../../../shared/lib/size-text.ts';

export type Difference = CallOutput<'backups.compare'>['entries'][number];
export type Change = Difference['change'];
/** `content`: whatever came, went or holds something else; owners and times change with every other run. */
export type Kind = Change | 'content';

export type GroupRow = Readonly<{
  kind: 'group';
  key: string;
  component: string;
  volume: string;
  folder: string;
  count: number;
  /** What the differences of the group add up to, in bytes. */
  grown: number;
  isClosed: boolean;
}>;
export type FileRow = Readonly<{ kind: 'file'; name: string; entry: Difference }>;
export type CompareRow = GroupRow | FileRow;

type Wanted = Readonly<{ kind: Kind; text: string; closed: ReadonlySet<string> }>;

/** The differences that are wanted, below a row for the folder that they lie in; folders in the order of their first. */
export function compareRows(
  entries: readonly Difference[],
  { kind, text, closed }: Wanted,
): readonly CompareRow[] {
  const part = text.trim().toLowerCase();
  const groups = new Map<string, Difference[]>();
  for (const entry of entries) {
    if (kind === 'content' ? entry.change === 'metadata' : entry.change !== kind) continue;
    if (part !== '' && !entry.path.toLowerCase().includes(part)) continue;
    const key = `${entry.component}/${entry.volume}/${folderOf(entry.path)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return [...groups].flatMap(([key, group]) => {
    const head = groupRow(key, group, closed.has(key));
    return head.isClosed ? [head] : [head, ...group.map(fileRow)];
  });
}

function groupRow(key: string, group: readonly Difference[], isClosed: boolean): GroupRow {
  const [first] = group;
  return {
    kind: 'group',
    key,
    component: first?.component ?? '',
    volume: first?.volume ?? '',
    folder: folderOf(first?.path ?? ''),
    count: group.length,
    grown: group.reduce((sum, entry) => sum + grownBy(entry), 0),
    isClosed,
  };
}

function fileRow(entry: Difference): FileRow {
  const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
  return { kind: 'file', name: name === '' ? 'the folder itself' : name, entry };
}

/** How many bytes more the second backup holds of it. */
export function grownBy({ before, after }: Difference): number {
  return (after?.size ?? 0) - (before?.size ?? 0);
}

/** `+10 B`, `−3.20 MB`; nothing where nothing grew. */
export function bytesGrownText(bytes: number): string {
  if (bytes === 0) return '';
  return bytes > 0 ? `+${sizeText(bytes)}` : `−${sizeText(-bytes)}`;
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}
