import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { sourceText } from '../../../../shared/model/component.ts';
import type { Finding } from '../../../../shared/model/finding.ts';
import type { ManifestSource } from '../../../../shared/model/manifest.ts';
import type { RestoreContext, Swap, TreeTarget } from '../../../components/component-handler.ts';
import type { TrinityInstall } from '../../../trinity/install.ts';
import type { Listing } from '../../../vault/listing/listing.ts';
import { restoreTree } from '../../../vault/restore/restore-tree.ts';
import type { RestoreRun } from '../restore-run.ts';
import { isWithin, neededBytes, requireSpace } from '../staging/staging-space.ts';

/** A live tree that a source goes to. */
export type PlannedTree = Readonly<{
  source: ManifestSource;
  target: TreeTarget;
  paths: readonly Buffer[] | undefined;
  /** On the file system that it is staged on. */
  spaceAt: string;
}>;

/** A few files that were staged for the plan, since their handler makes of them what goes live. */
export type PlannedFiles = Readonly<{
  source: ManifestSource;
  staged: string;
  live: string;
  paths: readonly Buffer[];
}>;

/** More than that is not staged to be looked at. */
export const mostStagedBytes = 512 * 1024 * 1024;

/** Where sources would go, as their own handlers say it; only `scratch` is written. */
export class Planning {
  readonly trees: PlannedTree[] = [];
  readonly files: PlannedFiles[] = [];
  /** Sources that only a helper can write. */
  readonly byHelper = new Set<string>();
  readonly warnings: Finding[] = [];
  readonly notes: Finding[] = [];
  /** Rows of the database that would go live; undefined where none does, or where nobody has looked. */
  rows: string | undefined;
  readonly #run: RestoreRun;
  readonly #install: TrinityInstall;
  readonly #scratch: string;
  /** Folders that stand for volumes that would be made. */
  readonly #madeVolumes = new Set<string>();

  constructor(run: RestoreRun, parts: Readonly<{ install: TrinityInstall; scratch: string }>) {
    this.#run = run;
    this.#install = parts.install;
    this.#scratch = parts.scratch;
  }

  /** Asks every handler. Rejects as the restore itself would for what cannot be done. */
  async ask(): Promise<void> {
    const { context, selection } = this.#run;
    for (const handler of context.registry.handlers) {
      const { component } = handler;
      const sources = selection.sources.filter((source) => source.component === component);
      if (sources.length === 0 || this.#isTooLarge(sources)) continue;
      this.#noteRows(await handler.restore(sources, this.#contextFor(component)));
    }
  }

  /** A database is staged as a whole to be looked at. */
  #isTooLarge(sources: readonly ManifestSource[]): boolean {
    const bytes = sources.reduce((sum, { listing }) => sum + (listing?.bytes ?? 0), 0);
    return sources.every(({ component }) => component === 'persistence') && bytes > mostStagedBytes;
  }

  #noteRows(swaps: readonly Swap[]): void {
    const { databaseFile } = this.#install;
    const found = swaps.find(({ live }) => path.join(live.root, live.path.toString()) === databaseFile);
    if (found?.staged !== undefined) this.rows = path.join(found.staged.root, found.staged.path.toString());
  }

  #contextFor(component: string): RestoreContext {
    const run = this.#run;
    const { signal } = run.options;
    const newFolder = async (): Promise<string> => await this.#newFolder();
    return {
      install: this.#install,
      settings: run.context.settings,
      restoreId: randomBytes(6).toString('hex'),
      isNewInstall: false,
      signal,
      pathsOf: (source) => run.selection.paths.get(sourceText(source)),
      openListing: async (source) => await this.#listingOf(source),
      openWorkFolder: newFolder,
      openPrivateFolder: newFolder,
      ensureFolder: async () => await Promise.resolve(),
      makeVolume: async () => {
        const folder = await this.#newFolder();
        this.#madeVolumes.add(folder);
        return folder;
      },
      stageByHelper: async (source) => void (await Promise.resolve(this.byHelper.add(sourceText(source)))),
      stageFilesByHelper: (source, _, { files }) => {
        this.byHelper.add(sourceText(source));
        if (source.component === 'persistence') this.rows = files.at(-1)?.file;
      },
      stageDatabase: async ({ rows }) => void (await Promise.resolve((this.rows = rows))),
      stage: async (source, folder, paths) => await this.#stage(source, folder, paths),
      stageTree: async (source, target) => await Promise.resolve(this.#tree(source, target)),
      stagePaths: async (source, target, paths) => {
        const tree = path.join(await this.#newFolder(), 'staged');
        await this.#stage(source, tree, paths);
        this.files.push({ source, staged: tree, live: target.live, paths });
        return { tree, swaps: [] };
      },
      warn: (finding) => void this.warnings.push({ component, ...finding }),
      note: (finding) => void this.notes.push({ component, ...finding }),
    };
  }

  #tree(source: ManifestSource, target: TreeTarget): readonly Swap[] {
    const paths = this.#run.selection.paths.get(sourceText(source));
    const isMade = this.#madeVolumes.has(target.live);
    const spaceAt = isMade ? (this.#install.engine?.volumesFolder ?? target.live) : target.live;
    this.trees.push({ source, target, paths, spaceAt });
    return [];
  }

  async #stage(source: ManifestSource, folder: string, paths: readonly Buffer[] | undefined): Promise<void> {
    const listing = await this.#listingOf(source);
    await requireSpace(this.#scratch, await neededBytes(listing, paths));
    await mkdir(folder, { mode: 0o700 });
    const { reader, options } = this.#run;
    await restoreTree({
      listing,
      reader: reader.chunks,
      target: folder,
      ...(paths === undefined ? {} : { wants: isWithin(paths) }),
      exactMetadata: false,
      signal: options.signal,
    });
  }

  async #listingOf(source: ManifestSource): Promise<Listing> {
    if (source.listing === undefined) throw new Error(`${sourceText(source)} has no listing.`);
    return await this.#run.reader.openListing(source.listing);
  }

  async #newFolder(): Promise<string> {
    const folder = path.join(this.#scratch, randomBytes(6).toString('hex'));
    await mkdir(folder, { mode: 0o700 });
    return folder;
  }
}
