import { lstat, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode, messageOf } from '../../../shared/lib/app-error.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import { renameWhereNothingIs } from '../../platform/atomic-file.ts';
import type { Vault } from '../../vault/vault.ts';
import type { ArchiveFormat } from './archive-names.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { ExportRun } from './export-run.ts';
import { openTemporaryArchive } from './export-temporary.ts';
import type { TemporaryArchive } from './export-temporary.ts';
import { copiedSources, listedSources } from '../browse/listed-sources.ts';
import type { ListedSource } from '../browse/listed-sources.ts';
import { loadRequested } from '../restore/restore-request.ts';
import type { RunOptions } from '../services.ts';

export type ExportRequest = Readonly<{
  backupId: string;
  /** Exactly one of both. An agent's volumes lie in the archive under their names. */
  agent?: string | undefined;
  component?: string | undefined;
  /** Ends in `.zip` or `.tar.gz`; refused where something is. */
  output: string;
}>;

export type ExportOutcome = Readonly<{
  backupId: string;
  output: string;
  /** As `sourceText`. */
  sources: readonly string[];
  files: number;
  /** Content, and the size of the archive. */
  bytes: number;
  archiveBytes: number;
  warnings: readonly Finding[];
  notes: readonly Finding[];
}>;

const zipEntriesWithout64 = 65_000;
const zipBytesWithout64 = 4_000_000_000;
/** Archiver keeps every entry of a zip file in memory until its end. */
const mostZipEntries = 250_000;

/**
 * Writes sources of a backup as one archive that any tool opens, 0600, checked while it is written. On any failure nothing stays.
 * `usage`, `not-found`, `refused` (something is there, too many files for zip), `damaged` (naming the file), `cancelled`.
 */
export async function exportArchive(
  { vault }: Readonly<{ vault: Vault }>,
  request: ExportRequest,
  options: RunOptions,
): Promise<ExportOutcome> {
  const format = formatOf(request.output);
  const manifest = await loadRequested(vault, request.backupId);
  const sources = wantedSources(manifest, request);
  const entries = sources.reduce((sum, { listing }) => sum + listing.entries, 0);
  if (format === 'zip' && entries > mostZipEntries) {
    throw new AppError(
      'refused',
      `${String(entries)} files are too many for a zip file. Name the output .tar.gz instead.`,
    );
  }
  await refuseExisting(request.output);
  const { path: temporary, handle: file } = await openNew(request.output);
  try {
    const outcome = await writeArchive({ vault, sources, format, entries, file, options });
    await renameWhereNothingIs(temporary, request.output);
    return {
      backupId: manifest.backupId,
      output: request.output,
      sources: sources.map(sourceText),
      ...outcome,
    };
  } catch (error) {
    await rm(temporary, { force: true });
    throw hasCode(error, 'EEXIST') ? somethingIsAt(request.output) : error;
  } finally {
    await file.close();
  }
}

type Work = Readonly<{
  vault: Vault;
  sources: readonly ListedSource[];
  format: ArchiveFormat;
  entries: number;
  file: FileHandle;
  options: RunOptions;
}>;

async function writeArchive(work: Work): Promise<Omit<ExportOutcome, 'backupId' | 'output' | 'sources'>> {
  const { vault, sources, format, entries, file, options } = work;
  const bytes = sources.reduce((sum, { listing }) => sum + listing.bytes, 0);
  await using reader = await vault.openReader('export');
  await using writer = await ArchiveWriter.open(
    format,
    file,
    entries > zipEntriesWithout64 || bytes > zipBytesWithout64,
  );
  const cancel = (): void => {
    writer.fail(cancelled(options.signal));
  };
  options.signal.addEventListener('abort', cancel, { once: true });
  try {
    options.signal.throwIfAborted();
    const run = new ExportRun({ reader, writer, format, totalBytes: bytes, options });
    for (const source of sources) {
      await run.add(source);
    }
    await writer.finish();
    await file.sync();
    return { ...run.result(), archiveBytes: (await file.stat()).size };
  } finally {
    options.signal.removeEventListener('abort', cancel);
  }
}

function formatOf(output: string): ArchiveFormat {
  const name = path.basename(output).toLowerCase();
  if (name.endsWith('.zip')) {
    return 'zip';
  }
  if (name.endsWith('.tar.gz')) {
    return 'tar.gz';
  }
  throw new AppError(
    'usage',
    `The name ${path.basename(output)} does not say which archive to write. End it in .zip or .tar.gz.`,
  );
}

function wantedSources(manifest: Manifest, { agent, component }: ExportRequest): readonly ListedSource[] {
  if ((agent === undefined) === (component === undefined)) {
    throw new AppError('usage', 'Name either an agent or a component to export.');
  }
  if (agent === undefined) {
    return listedSources(manifest, { component });
  }
  const sources = copiedSources(manifest).filter(
    (source) => source.component === 'memory' && source.agents.includes(agent),
  );
  if (sources.length === 0) {
    throw new AppError(
      'not-found',
      `Backup ${manifest.backupId} holds no volume of an agent "${agent}". See with show what it holds.`,
    );
  }
  return sources;
}

async function refuseExisting(output: string): Promise<void> {
  try {
    await lstat(output);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) {
      return;
    }
    throw cannotWrite(output, error);
  }
  throw somethingIsAt(output);
}

async function openNew(output: string): Promise<TemporaryArchive> {
  try {
    return await openTemporaryArchive(output);
  } catch (error) {
    throw cannotWrite(path.dirname(output), error);
  }
}

function somethingIsAt(output: string): AppError {
  return new AppError(
    'refused',
    `Something is at ${output} already. Choose another name, so that nothing is overwritten.`,
  );
}

function cannotWrite(where: string, cause: unknown): AppError {
  return new AppError(
    'failed',
    `Nothing can be written to ${where} (${messageOf(cause)}). Choose another place.`,
    { cause },
  );
}

function cancelled({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new AppError('cancelled', 'The export was cancelled.');
}
