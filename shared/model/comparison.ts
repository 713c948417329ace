import { z } from 'zod';

/** `changed`: the content, the kind or where a link leads; `metadata`: only owner, mode, time or attributes. */
export const change = z.enum(['added', 'removed', 'changed', 'metadata']);
export type Change = z.infer<typeof change>;

/** `content`: whatever came, went or holds something else; owners and times change with every other run. */
export const changeKind = z.enum([...change.options, 'content']);
export type ChangeKind = z.infer<typeof changeKind>;

/** How many entries changed in which way. */
export const changeCounts = z.object({
  added: z.number(),
  removed: z.number(),
  changed: z.number(),
  metadata: z.number(),
});

/** How many bytes more the second backup holds of it. */
export function grownBy({
  before,
  after,
}: Readonly<{ before?: { size: number } | undefined; after?: { size: number } | undefined }>): number {
  return (after?.size ?? 0) - (before?.size ?? 0);
}

/** The path of the folder that a path lies in; empty at the top. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
