import { hasCode } from '../../../../shared/lib/app-error.ts';
import type { FileStat } from '../../../platform/file-stat.ts';
import { kinds } from '../../listing/raw-entry.ts';
import type { Kind, RawEntry } from '../../listing/raw-entry.ts';
import type { EntryAccess } from '../walk/entry-access.ts';
import type { EntryTaker } from '../walk/entry-capture.ts';
import type { FindingTaker, PathFinding } from '../finding-list.ts';
import { warningOf, xattrsUnreadable } from '../findings.ts';
import { codeOfFinding } from '../records/record-findings.ts';
import type { TreeRecordWriter } from '../records/tree-record-writer.ts';

const nothing = Buffer.alloc(0);

/** Writes what a walk finds as records. */
export class RecordTaker implements EntryTaker {
  readonly #writer: TreeRecordWriter;
  readonly #findings: FindingTaker;

  constructor(writer: TreeRecordWriter) {
    this.#writer = writer;
    this.#findings = findingsInto(writer);
  }

  addFolder(access: EntryAccess, stat: FileStat, entry: RawEntry): void {
    this.#add(entry, stat, kinds.folder, { target: nothing, xattrs: this.#readXattrs(access, entry) });
  }

  addSymlink(access: EntryAccess, stat: FileStat, entry: RawEntry): void {
    const xattrs = this.#readXattrs(access, entry);
    this.#add(entry, stat, kinds.symlink, { target: access.readTarget(stat), xattrs });
  }

  /** Attributes of a file come with its content; of a further name of an inode nothing else will come. */
  addFile(access: EntryAccess, stat: FileStat, entry: RawEntry): void {
    const xattrs = stat.nlink > 1 ? this.#readXattrs(access, entry) : nothing;
    this.#add(entry, stat, kinds.file, { target: nothing, xattrs });
  }

  #add(
    { path, pathLength }: RawEntry,
    stat: FileStat,
    kind: Kind,
    rest: Readonly<{ target: Buffer; xattrs: Buffer }>,
  ): void {
    this.#writer.add({ path, pathLength, kind, stat, ...rest });
  }

  #readXattrs(access: EntryAccess, entry: RawEntry): Buffer {
    try {
      const bytes = access.readXattrs();
      if (bytes === undefined) {
        this.#findings.add(warningOf.xattrs, entry.copyPath());
      }
      return bytes ?? nothing;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) {
        throw error;
      }
      this.#findings.add(xattrsUnreadable(error), entry.copyPath());
      return nothing;
    }
  }
}

/** Writes findings of a walk as records. */
export function findingsInto(writer: TreeRecordWriter): FindingTaker {
  return {
    add: (finding: PathFinding, path: Buffer) => {
      const code = codeOfFinding(finding);
      if (code === undefined) {
        throw new Error(`Records know no finding ${finding.code}.`);
      }
      writer.addFinding({ code, errno: finding.errno ?? 0, path });
    },
  };
}
