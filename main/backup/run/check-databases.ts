import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { writeAll } from '../../platform/atomic-file.ts';
import { pathText } from '../../platform/path-text.ts';
import { checkDatabase } from '../../trinity/check-database.ts';
import type { FileEntry } from '../../vault/listing/entry.ts';
import type { Listing } from '../../vault/listing/listing.ts';
import type { VaultWriter } from '../../vault/vault.ts';
import type { ChangedDatabases } from './backup-run.ts';

/** What one run spends on agents' own databases. */
const mostBytes = 64 * 1024 * 1024;
const mostChecked = 20;
const mostMs = 20_000;
const sidecars = ['-wal', '-journal'] as const;

export type CheckParts = Readonly<{
  writer: Pick<VaultWriter, 'chunks' | 'openListing'>;
  scratch: string;
  signal: AbortSignal;
  warn: (finding: Finding) => void;
  note: (finding: Finding) => void;
}>;

/**
 * Checks the SQLite databases in volumes that differ from the backup before, from private copies out of the vault, in a child: an agent's
 * database that is damaged, or was copied torn, is named while an earlier backup is still there. Bounded in size, number and time.
 */
export class DatabaseChecks {
  readonly #parts: CheckParts;
  readonly #endMs = Date.now() + mostMs;
  #checked = 0;

  constructor(parts: CheckParts) {
    this.#parts = parts;
  }

  /** Rejects only when the run is cancelled: what cannot be checked is a note. */
  async check(changed: ChangedDatabases): Promise<void> {
    const { signal, note } = this.#parts;
    try {
      await this.#checkChanged(changed);
    } catch (error) {
      if (!(error instanceof AppError) || signal.aborted) throw error;
      const { component, volume } = changed;
      const message = `The databases in the volume ${volume} could not be checked: ${error.message}`;
      note({ code: 'databases-unchecked', message, component, volume });
    }
  }

  async #checkChanged(changed: ChangedDatabases): Promise<void> {
    const { writer, signal } = this.#parts;
    const listing = await writer.openListing(changed.listing);
    for (const bytes of changed.paths) {
      if (this.#checked >= mostChecked || Date.now() > this.#endMs) return;
      signal.throwIfAborted();
      const entry = await listing.entry(bytes);
      // It may have gone again while its volume was copied.
      if (entry?.kind === 'file') await this.#checkOne(changed, listing, entry);
    }
  }

  async #checkOne(changed: ChangedDatabases, listing: Listing, entry: FileEntry): Promise<void> {
    const { scratch, signal, warn, note } = this.#parts;
    const folder = path.join(scratch, 'agent-database');
    await mkdir(folder, { mode: 0o700 });
    try {
      const file = path.join(folder, 'database');
      if (!(await this.#writeCopy(listing, entry, file))) return;
      this.#checked += 1;
      const limitMs = Math.max(1000, this.#endMs - Date.now());
      const { ok, problems } = await checkDatabase(file, signal, {
        scratch: folder,
        depth: 'quick',
        limitMs,
      });
      if (ok) return;
      const { component, volume, facts } = changed;
      const message = `The database ${pathText(entry.path)} in the volume ${volume} is not sound: ${problems[0] ?? 'SQLite cannot read it'}. Check it in its agent, or restore it from an earlier backup.`;
      // One that was written to meanwhile may only have been copied torn, which the source says of itself.
      const report = facts['consistency'] === 'live' ? note : warn;
      report({ code: 'agent-database-damaged', message, component, volume });
    } catch (error) {
      // What could not be checked says nothing of the backup.
      if (!(error instanceof AppError) || signal.aborted) throw error;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** With the journals that are part of it; false for one that is too large. */
  async #writeCopy(listing: Listing, entry: FileEntry, file: string): Promise<boolean> {
    const parts: { suffix: string; entry: FileEntry }[] = [{ suffix: '', entry }];
    for (const suffix of sidecars) {
      const found = await listing.entry(Buffer.concat([entry.path, Buffer.from(suffix)]));
      if (found?.kind === 'file') parts.push({ suffix, entry: found });
    }
    if (parts.reduce((sum, part) => sum + part.entry.stat.size, 0) > mostBytes) return false;
    for (const part of parts) await this.#writeContent(listing, part.entry, `${file}${part.suffix}`);
    return true;
  }

  async #writeContent(listing: Listing, entry: FileEntry, file: string): Promise<void> {
    const { chunks } = this.#parts.writer;
    await using handle = await open(file, 'wx', 0o600);
    for (const { chunk, offset, length } of await listing.contentOf(entry)) {
      const bytes =
        chunk < 0
          ? Buffer.alloc(length)
          : (await chunks.read(listing.chunkId(chunk))).subarray(offset, offset + length);
      await writeAll(handle, [bytes]);
    }
  }
}
