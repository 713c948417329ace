import { lstat, realpath, statfs } from 'node:fs/promises';
import { AppError } from '../../../shared/lib/app-error.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { ManifestSource } from '../../../shared/model/manifest.ts';
import type { CaptureSource } from '../../components/component-handler.ts';
import { stopGraceSeconds } from '../../trinity/quiesce/bring-back.ts';
import type { Frozen } from '../../trinity/quiesce/freezer.ts';
import type { HoldChoices } from '../../trinity/quiesce/volume-writers.ts';
import type { CaptureResult, ExcludeRules } from '../../vault/capture/capture.ts';
import { captureTree } from '../../vault/capture/capture-tree.ts';
import { racyMarginNs } from '../../vault/capture/racy-margin.ts';
import type { TreeAccess } from '../../vault/capture/records/tree-access.ts';
import { captureInOnePass, captureInTwoPasses } from '../../vault/capture/two-pass/capture-in-two-passes.ts';
import type { Listing } from '../../vault/listing/listing.ts';
import { assertRootApart } from '../apart.ts';
import type { RunParts } from './backup-run.ts';
import type { Quiesce } from './quiesce.ts';
import { RunSyncs } from '../restore/staging/sync-files.ts';

/** How long agents may stand still for one volume: ms. */
const budgetMs = 10_000;
/** Stopping takes its time by itself. */
const stopGraceMs = stopGraceSeconds * 1000;
/** What a frozen pass may keep on the local disk, and what part of its free space. */
const mostSpoolBytes = 8 * 1024 ** 3;
const spoolShare = 0.5;

/** One copied source: its content, and of which moment it is. */
export type CopiedSource = Readonly<{
  capture: CaptureResult;
  frozenMs: number;
  facts: ManifestSource['facts'];
}>;

export type CopyQuestion = Readonly<{
  component: string;
  source: CaptureSource;
  exclude: ExcludeRules;
  report: Readonly<{ warn: (finding: Finding) => void; note: (finding: Finding) => void }>;
}>;

type Prepared = CopyQuestion & Readonly<{ place: Place; racyFromNs: bigint; previous: Listing | undefined }>;
type Place = Readonly<{ kind: 'folder'; root: string } | { kind: 'access'; access: TreeAccess }>;

/** Copies sources of one run: in one pass, or in two where containers write meanwhile. */
export class SourceCapture {
  readonly #parts: RunParts;
  readonly #syncs = new RunSyncs();

  constructor(parts: RunParts) {
    this.#parts = parts;
    const { install, scratch, signal } = parts;
    for (const folder of [scratch, install.dataFolder, install.volumesRoot]) {
      if (folder !== undefined) this.#syncs.begin(folder, signal);
    }
  }

  async copy(question: CopyQuestion): Promise<CopiedSource> {
    const { source } = question;
    if ('root' in source) return await this.#copyFrom(question, await this.#folder(source.root));
    const { helpers, signal } = this.#parts;
    if (helpers === undefined) throw new AppError('unavailable', 'Only a Docker engine can reach it.');
    await using access = await helpers.open(source.helper, signal);
    return await this.#copyFrom(question, { place: { kind: 'access', access }, syncedMs: Date.now() });
  }

  async #folder(path: string): Promise<Placed> {
    await assertRootApart(this.#parts.context.vault.storage, path);
    const root = await realRoot(path);
    const syncedMs = await this.#syncs.sync(root, this.#parts.signal);
    return { place: { kind: 'folder', root }, syncedMs };
  }

  async #copyFrom(question: CopyQuestion, placed: Placed): Promise<CopiedSource> {
    const { hold, volume } = question.source;
    const prepared = await this.#prepare(question, placed);
    if (hold === undefined) return { capture: await this.#inOnePass(prepared), frozenMs: 0, facts: {} };
    const { quiesce, signal } = this.#parts;
    if (quiesce === undefined) {
      return await this.#live(prepared, 'No Docker engine is known that could hold whoever writes to it.');
    }
    const unit = await quiesce.unitOf(volume, hold, signal);
    if (unit.kind === 'live') return await this.#live(prepared, unit.reason);
    if (unit.kind === 'idle') return await this.#idle(prepared, { quiesce, hold });
    const isStopped = unit.writers.some(({ action }) => action === 'stop');
    return await this.#held(prepared, { quiesce, hold }, budgetMs + (isStopped ? stopGraceMs : 0));
  }

  async #prepare(question: CopyQuestion, { place, syncedMs }: Placed): Promise<Prepared> {
    const { component, source, report } = question;
    const { writer, previous } = this.#parts;
    const before = await previous.open(
      { component, volume: source.volume },
      async (listing) => await writer.openListing(listing),
      (message) => report.note({ code: 'previous-unreadable', message }),
    );
    return { ...question, place, racyFromNs: BigInt(syncedMs) * 1_000_000n - racyMarginNs, previous: before };
  }

  async #inOnePass(prepared: Prepared): Promise<CaptureResult> {
    const { context, writer, compress, scratch, signal } = this.#parts;
    const { place, racyFromNs, previous } = prepared;
    const common = {
      ...(previous === undefined ? {} : { previous }),
      racyFromNs,
      compress,
      keys: context.vault.keys,
      signal,
      onProgress: this.#progressOf(prepared),
    };
    const chunks = writer.chunks;
    if (place.kind === 'folder') {
      const tree = { ...place, ...walkOf(prepared) };
      return await captureTree({ ...common, tree, writer: chunks, reader: chunks });
    }
    const room = { folder: scratch, mostSpoolBytes: await spoolRoom(scratch) };
    return await captureInOnePass({
      ...common,
      ...room,
      tree: { ...place, ...walkOf(prepared) },
      vault: chunks,
    });
  }

  /** Copied while whoever writes to it runs; a file may not fit to another one. */
  async #live(prepared: Prepared, reason: string): Promise<CopiedSource> {
    const capture = await this.#inOnePass(prepared);
    return { capture, frozenMs: 0, facts: { consistency: 'live', consistencyReason: reason } };
  }

  /** Nobody wrote to it when it began; whoever has come meanwhile makes the copy a live one. */
  async #idle(prepared: Prepared, { quiesce, hold }: Holding): Promise<CopiedSource> {
    const capture = await this.#inOnePass(prepared);
    const after = await quiesce.unitOf(prepared.source.volume, hold, this.#parts.signal);
    if (after.kind === 'idle') return { capture, frozenMs: 0, facts: { consistency: 'idle' } };
    const reason =
      after.kind === 'live'
        ? after.reason
        : `${after.writers.map(({ container }) => container.name).join(', ')} was started meanwhile.`;
    return this.#asLive(prepared, { capture, frozenMs: 0 }, reason);
  }

  async #held(prepared: Prepared, { quiesce, hold }: Holding, limitMs: number): Promise<CopiedSource> {
    const { context, writer, compress, scratch, signal } = this.#parts;
    const { place, racyFromNs, previous, source } = prepared;
    await quiesce.prepare(signal);
    let frozen: Frozen | undefined;
    let frozenAt: string | undefined;
    let frozenMs = 0;
    const result = await captureInTwoPasses({
      tree: { ...place, ...walkOf(prepared) },
      ...(previous === undefined ? {} : { previous }),
      racyFromNs,
      compress,
      vault: writer.chunks,
      keys: context.vault.keys,
      freeze: async (limit, onBegun) => {
        frozen = await quiesce.freeze({ volume: source.volume, choices: hold, onBegun }, limit);
        frozenAt = new Date().toISOString();
      },
      resume: async () => {
        // What could not be frozen is back already.
        const thawed = await frozen?.thaw();
        frozenMs = Math.round(thawed?.frozenMs ?? 0);
        const reason = thawed?.reason;
        return reason === undefined ? { wasFrozen: true } : { wasFrozen: false, reason };
      },
      budgetMs: limitMs,
      folder: scratch,
      mostSpoolBytes: await spoolRoom(scratch),
      signal,
      onProgress: this.#progressOf(prepared),
    });
    const copied = { capture: result.capture, frozenMs };
    if (!result.isConsistent) return this.#asLive(prepared, copied, result.reason ?? '');
    return { ...copied, facts: { ...heldFacts(frozen), ...(frozenAt === undefined ? {} : { frozenAt }) } };
  }

  #asLive(
    { source, report }: Prepared,
    copied: Pick<CopiedSource, 'capture' | 'frozenMs'>,
    reason: string,
  ): CopiedSource {
    report.warn({
      code: 'copied-live',
      message: `The volume ${source.volume} was copied while it was in use: ${reason}`,
    });
    return { ...copied, facts: { consistency: 'live', consistencyReason: reason } };
  }

  #progressOf({
    component,
    source,
    previous,
  }: Prepared): (at: { files: number; bytes: number; path: string }) => void {
    const phase = sourceText({ component, volume: source.volume });
    const total = previous?.root.bytes;
    return ({ files, bytes, path }) =>
      this.#parts.options.onProgress?.({ phase, done: bytes, total, unit: 'bytes', files, detail: path });
  }
}

type Placed = Readonly<{
  place: Place;
  /** What was changed before is on its disk; an access syncs by itself, and says when. */
  syncedMs: number;
}>;
type Holding = Readonly<{ quiesce: Quiesce; hold: HoldChoices }>;

function heldFacts(frozen: Frozen | undefined): ManifestSource['facts'] {
  const writers = frozen?.writers ?? [];
  if (writers.length === 0) return { consistency: 'idle' };
  return {
    consistency: writers.every(({ action }) => action === 'stop') ? 'stopped' : 'paused',
    held: writers.map(({ container }) => container.name),
  };
}

function walkOf({ source, exclude }: Prepared): Readonly<{
  exclude: ExcludeRules;
  only?: readonly string[];
  follow?: readonly string[];
}> {
  return {
    exclude,
    ...(source.only === undefined ? {} : { only: source.only }),
    ...(source.follow === undefined ? {} : { follow: source.follow }),
  };
}

async function realRoot(root: string): Promise<string> {
  const real = await realpath(root);
  if ((await lstat(real)).isDirectory()) return real;
  throw new AppError('unavailable', `${root} is no folder. Make it one, or take it out of the settings.`);
}

async function spoolRoom(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return Math.min(mostSpoolBytes, Math.floor(bavail * bsize * spoolShare));
}
