import { compileExclude } from '../../capture/walk/exclude.ts';
import type { ExcludeRules } from '../../capture/capture.ts';

/** What a backup held nothing of, by its own rules; paths are latin1 text of their bytes, relative to the root of the source. */
export type StayRules = Readonly<{
  exclude: ExcludeRules;
  /** Undefined: not all of them are known, so everything stays that is not in the backup. */
  unread: ReadonlySet<string> | undefined;
}>;

/** Why a live path that a backup lacks outlives its restore. */
export type StayReason = 'excluded' | 'unread' | 'special';

type Kind = Readonly<{
  isFile: () => boolean;
  isDirectory: () => boolean;
  isSymbolicLink: () => boolean;
}>;

/** Why a path stays; undefined when it gives way. */
export type StayTest = (path: Buffer, entry: Kind) => StayReason | undefined;

/** What the backup could not hold stays: excluded, unread, and what is neither file, folder nor link. */
export function stayTest({ exclude, unread }: StayRules): StayTest {
  if (unread === undefined) return () => 'unread';
  const rules = compileExclude(exclude);
  return (path, entry) => {
    if (rules.matches(path, entry.isDirectory())) return 'excluded';
    if (unread.has(path.toString('latin1'))) return 'unread';
    return entry.isFile() || entry.isDirectory() || entry.isSymbolicLink() ? undefined : 'special';
  };
}
