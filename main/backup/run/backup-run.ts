import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { countText } from '../../../shared/lib/size-text.ts';
import { sourceWords } from '../../../shared/lib/restore-plan/sentence.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { ListingRoot, ManifestSource } from '../../../shared/model/manifest.ts';
import type { BackupContext, CaptureSource } from '../../components/component-handler.ts';
import { workFolderExclude } from '../../components/work-folder.ts';
import type { TrinityInstall } from '../../trinity/install.ts';
import type { VolumeHelpers } from '../../trinity/helper/volume-helpers.ts';
import type { CaptureResult, ExcludeRules } from '../../vault/capture/capture.ts';
import type { VaultWriter } from '../../vault/vault.ts';
import { FindingList } from '../finding-list.ts';
import type { PreviousListings } from './previous-listings.ts';
import type { Quiesce } from './quiesce.ts';
import type { RunOptions, ServiceContext } from '../services.ts';
import { skewOf } from './skew.ts';
import { SourceCapture } from './source-capture.ts';

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
  /** Holds containers; undefined without an engine: then nothing is held. */
  quiesce: Quiesce | undefined;
  /** Reads what only containers can; undefined without an engine. */
  helpers: VolumeHelpers | undefined;
}>;

/** Files of one copied source by their paths; `facts` say how the copy was made. */
export type ChangedDatabases = Readonly<{
  component: string;
  volume: string;
  listing: ListingRoot;
  paths: readonly Buffer[];
  facts: ManifestSource['facts'];
}>;

/** What one run gathers while its parts are copied in order. */
export class BackupRun {
  readonly warnings = new FindingList();
  readonly notes = new FindingList();
  readonly facts: Record<string, ManifestSource['facts'][string]> = {};
  readonly sources: ManifestSource[] = [];
  /** Databases in volumes whose content is another than in the backup before. */
  readonly changedDatabases: ChangedDatabases[] = [];
  /** The first reason why a source failed. */
  firstError: unknown;
  readonly #parts: RunParts;
  readonly #sources: SourceCapture;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#sources = new SourceCapture(parts);
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

  /** Says what can only be said of all parts together. */
  finish(): void {
    const skewMs = skewOf(this.sources);
    if (skewMs !== undefined) this.facts['skewMs'] = skewMs;
    const problem = this.#parts.quiesce?.guardProblem;
    if (problem === undefined) return;
    const message = `The process that would bring agents back, should this one be killed, may be killed with it: ${problem}.`;
    this.notes.add({ code: 'guard-exposed', message });
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
      const { capture, frozenMs, facts } = await this.#sources.copy({
        component,
        source,
        exclude,
        report: {
          warn: (finding) => this.warnings.add({ component, volume, ...finding }),
          note: (finding) => this.notes.add({ component, volume, ...finding }),
        },
      });
      this.#report(component, volume, capture);
      const { listing, changedDatabases: paths } = capture;
      if (paths.length > 0) this.changedDatabases.push({ component, volume, listing, paths, facts });
      return {
        component,
        volume,
        agents: [...agents],
        state: 'complete',
        listing,
        startedAt,
        finishedAt: isoNow(),
        bytesAdded: capture.bytesAdded,
        bytesStored: capture.bytesStored,
        frozenMs,
        lockedMs: source.lockedMs ?? 0,
        facts: { ...source.facts, ...facts, exclude: [...exclude], ...unreadFacts(capture) },
      };
    } catch (error) {
      await this.#rethrowFatal(error);
      return this.#fail({ component, volume, agents, error, startedAt });
    }
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
    const reason = messageOf(error);
    const message = `${sourceWords(sourceText({ component, volume }), agents)} could not be copied: ${reason}${reason.endsWith('.') ? '' : '.'}`;
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
