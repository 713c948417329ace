import { noteOf, unreadableBy, warningOf, xattrsUnreadableBy } from '../findings.ts';
import type { PathFinding } from '../finding-list.ts';
import { brokenRecords } from './frames.ts';

/** Findings by their code in records; see README.md. */
export const findingCodes = {
  unreadable: 1,
  replaced: 2,
  otherMount: 3,
  pathTooLong: 4,
  vanished: 5,
  fifo: 6,
  socket: 7,
  device: 8,
  xattrsTooLarge: 9,
  xattrsUnreadable: 10,
} as const;

const warnings: ReadonlyMap<number, PathFinding> = new Map<number, PathFinding>([
  [findingCodes.replaced, warningOf.replaced],
  [findingCodes.otherMount, warningOf.otherMount],
  [findingCodes.pathTooLong, warningOf.pathTooLong],
  [findingCodes.xattrsTooLarge, warningOf.xattrs],
]);
const notes: ReadonlyMap<number, PathFinding> = new Map<number, PathFinding>([
  [findingCodes.vanished, noteOf.vanished],
  [findingCodes.fifo, noteOf.fifo],
  [findingCodes.socket, noteOf.socket],
  [findingCodes.device, noteOf.device],
]);

/** Whether a wanted file may be answered by this code. */
export function isContentCode(code: number): boolean {
  return code === findingCodes.unreadable || code === findingCodes.replaced || code === findingCodes.vanished;
}

/** What a code of records says, as a warning or a note. */
export function findingOfCode(
  code: number,
  errno: number,
): Readonly<{ finding: PathFinding; isWarning: boolean }> {
  const note = notes.get(code);
  if (note !== undefined) {
    return { finding: note, isWarning: false };
  }
  const warning =
    code === findingCodes.unreadable
      ? unreadableBy(errno)
      : code === findingCodes.xattrsUnreadable
        ? xattrsUnreadableBy(errno)
        : warnings.get(code);
  if (warning === undefined) {
    throw brokenRecords('the code of a finding');
  }
  return { finding: warning, isWarning: true };
}

/** The code of what the walk found; undefined for what records say in another way. */
export function codeOfFinding(finding: PathFinding): number | undefined {
  if (finding.code === 'unreadable') {
    return findingCodes.unreadable;
  }
  if (finding.code === warningOf.xattrs.code && finding !== warningOf.xattrs) {
    return findingCodes.xattrsUnreadable;
  }
  for (const [code, known] of [...warnings, ...notes]) {
    if (known === finding) {
      return code;
    }
  }
  return undefined;
}
