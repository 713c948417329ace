import { lstat, realpath } from 'node:fs/promises';
import { AppError, messageOf } from '../../shared/lib/app-error.ts';
import { countText } from '../../shared/lib/size-text.ts';
import type { Finding } from '../../shared/model/finding.ts';
import { sourceText } from '../../shared/model/component.ts';
import type { ManifestSource } from '../../shared/model/manifest.ts';
import type { BackupContext, CaptureSource } from '../components/component-handler.ts';
import { workFolderExclude } from '../components/work-folder.ts';
import type { TrinityInstall } from '../trinity/install.ts';
import type { CaptureResult, ExcludeRules } from '../vault/capture/capture.ts';
import { captureTree } from '../vault/capture/capture-tree.ts';
import { racyMarginNs } from '../vault/capture/racy-margin.ts';
import type { VaultWriter } from '../vault/vault.ts';
import { assertRootApart } from './apart.ts';
import { FindingList } from './finding-list.ts';
import type { PreviousListings } from './previous-listings.ts';
import type { RunOptions, ServiceContext } from './services.ts';
import { RunSyncs } from './sync-files.ts';

const maxUnread = 10_000;

export type RunParts = Readonly<{
  context: ServiceContext;
  install: TrinityInstall;
  writer: VaultWriter;
  previous: PreviousListings;
  scratch: string;
  compress: boolean;
  agents: readonly string[] | undefined;
  /** By `sourceText`: the volumes to copy and, for each source, rules in place of the usual ones (a safety backup). */
  selection: ReadonlyMap<string, ExcludeRules> | undefined;
  options: RunOptions;
  signal: AbortSignal;
}>;

/** What one run gathers while its parts are copied in order. */
export class BackupRun {
  readonly warnings = new FindingList();
  readonly notes = new FindingList();
  readonly facts: Record<string, ManifestSource['facts'][string]> = {};
  readonly sources: ManifestSource[] = [];
  /** The first reason why a source failed. */
  firstError: unknown;
  readonly #parts: RunParts;
  readonly #syncs = new RunSyncs();

  constructor(parts: RunParts) {
    this.#parts = parts;
    const { install, scratch, signal } = parts;
    for (const folder of [scratch, install.dataFolder, install.volumesRoot]) {
      if (folder !== undefined) this.#syncs.begin(folder, signal);
    }
  }

  /** Copies one component; whatever its handler throws makes it a failed source, unless nothing more can be copied at all. */
  async copyComponent(component: string): Promise<void> {
    const handler = this.#parts.context.registry.find(component);
    if (handler === undefined) throw new Error(`There is no handler for ${component}.`);
    const context = this.#contextFor(component);
    try {
      this.sources.push(...(await handler.backup(context)));
    } catch (error) {
      await this.#rethrowFatal(error);
      this.sources.push(context.fail('', [], error));
    }
  }

  #contextFor(component: string): BackupContext {
    const { install, context, agents, scratch, signal } = this.#parts;
    return {
      install,
      settings: context.settings,
      agents,
      volumes: this.#volumesOf(component),
      scratch,
      signal,
      capture: async (source) => await this.#capture(component, source),
      fail: (volume, served, error) =>
        this.#fail({ component, volume, agents: served, error, startedAt: isoNow() }),
      warn: (finding) => this.warnings.add({ component, ...finding }),
      note: (finding) => this.notes.add({ component, ...finding }),
      record: (name, value) => {
        this.facts[name] = value;
      },
    };
  }

  #volumesOf(component: string): readonly string[] | undefined {
    const { selection } = this.#parts;
    if (selection === undefined) return undefined;
    const prefix = `${component}/`;
    return [...selection.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  }

  async #capture(component: string, source: CaptureSource): Promise<ManifestSource> {
    const startedAt = isoNow();
    const { volume, agents } = source;
    const selected = this.#parts.selection?.get(sourceText({ component, volume }));
    const exclude = selected === undefined ? source.exclude : [...selected, workFolderExclude];
    try {
      const result = await this.#captureTree(component, source, exclude);
      this.#report(component, volume, result);
      return {
        component,
        volume,
        agents: [...agents],
        state: 'complete',
        listing: result.listing,
        startedAt,
        finishedAt: isoNow(),
        bytesAdded: result.bytesAdded,
        bytesStored: result.bytesStored,
        frozenMs: source.frozenMs ?? 0,
        lockedMs: source.lockedMs ?? 0,
        facts: { ...source.facts, exclude: [...exclude], ...unreadFacts(result) },
      };
    } catch (error) {
      await this.#rethrowFatal(error);
      return this.#fail({ component, volume, agents, error, startedAt });
    }
  }

  async #captureTree(
    component: string,
    source: CaptureSource,
    exclude: ExcludeRules,
  ): Promise<CaptureResult> {
    const { context, writer, previous, compress, options, signal } = this.#parts;
    const { volume } = source;
    await assertRootApart(context.vault.storage, source.root);
    const root = await realRoot(source.root);
    const racyFromNs = BigInt(await this.#syncs.sync(root, signal)) * 1_000_000n - racyMarginNs;
    const before = await previous.open(
      { component, volume },
      async (listing) => await writer.openListing(listing),
      (message) => this.notes.add({ code: 'previous-unreadable', message, component, volume }),
    );
    const phase = sourceText({ component, volume });
    return await captureTree({
      tree: {
        kind: 'folder',
        root,
        exclude,
        ...(source.only === undefined ? {} : { only: source.only }),
        ...(source.follow === undefined ? {} : { follow: source.follow }),
      },
      ...(before === undefined ? {} : { previous: before }),
      racyFromNs,
      compress,
      writer: writer.chunks,
      reader: writer.chunks,
      keys: context.vault.keys,
      signal,
      onProgress: ({ bytes, path }) =>
        options.onProgress?.({ phase, done: bytes, total: before?.root.bytes, unit: 'bytes', detail: path }),
    });
  }

  #report(component: string, volume: string, result: CaptureResult): void {
    this.warnings.addAll(result.warnings, { component, volume });
    this.notes.addAll(result.notes, { component, volume });
    if (result.excludedFiles === 0) return;
    const { excludedFiles } = result;
    const leftOut =
      excludedFiles === 1 ? 'One file or folder is' : `${countText(excludedFiles)} files and folders are`;
    const message = `${leftOut} left out by patterns.`;
    this.notes.add({ code: 'excluded', message, component, volume });
  }

  #fail(
    failed: Readonly<{
      component: string;
      volume: string;
      agents: readonly string[];
      error: unknown;
      startedAt: string;
    }>,
  ): ManifestSource {
    const { component, volume, agents, error, startedAt } = failed;
    this.firstError ??= error;
    const message = `${sourceText({ component, volume })} could not be copied: ${messageOf(error)}`;
    this.warnings.add({ code: 'source-failed', message, component, volume });
    const nothing: Pick<ManifestSource, 'bytesAdded' | 'bytesStored' | 'frozenMs' | 'lockedMs' | 'facts'> = {
      bytesAdded: 0,
      bytesStored: 0,
      frozenMs: 0,
      lockedMs: 0,
      facts: {},
    };
    return {
      component,
      volume,
      agents: [...agents],
      state: 'failed',
      startedAt,
      finishedAt: isoNow(),
      ...nothing,
    };
  }

  /** A cancelled run, a lost lock, a refused folder, a vault that is away or full end the run: no other source would fare better. */
  async #rethrowFatal(error: unknown): Promise<void> {
    this.#parts.signal.throwIfAborted();
    if (error instanceof AppError && (error.kind === 'refused' || error.kind === 'cancelled')) throw error;
    if (isFull(error)) throw error;
    try {
      await this.#parts.context.vault.storage.stat('vault.json', { signal: this.#parts.signal });
    } catch {
      throw error;
    }
  }
}

async function realRoot(root: string): Promise<string> {
  const real = await realpath(root);
  if ((await lstat(real)).isDirectory()) return real;
  throw new AppError('unavailable', `${root} is no folder. Make it one, or take it out of the settings.`);
}

/** Warnings of paths that are in the copy all the same. */
const copiedCodes: readonly string[] = ['changed-while-read', 'time-not-kept', 'xattrs-not-kept'];

/** What the copy could not read: a restore leaves it as it is live. */
function unreadFacts({ warnings }: CaptureResult): Readonly<{ unread: string[]; unreadMore: boolean }> {
  const losses = warnings.filter(({ code }) => !copiedCodes.includes(code));
  const paths = losses.flatMap(({ path }: Finding) => (path === undefined ? [] : [path]));
  return {
    unread: paths.slice(0, maxUnread),
    unreadMore: paths.length < losses.length || paths.length > maxUnread,
  };
}

function isFull(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')) return true;
  }
  return false;
}

function isoNow(): string {
  return new Date().toISOString();
}
