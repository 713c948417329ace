import { z } from 'zod';
import { dataFolderExcludes, patternsOf, workspaceExcludes } from '../../../trinity/default-excludes.ts';
import { planVolumes } from '../../../trinity/plan-volumes.ts';
import { readInstall } from '../../../trinity/read-install.ts';
import { filesBelow } from '../../../trinity/volume-store.ts';
import { compileExclude, type ExcludeMatcher } from '../../../vault/capture/walk/exclude.ts';
import type { Engine } from '../../engine.ts';
import { requireInstall } from '../../home/home-install.ts';
import { agentRows } from '../install/agent-rows.ts';
import { operation } from '../../operation.ts';

/** Somebody waits for it. */
const limitMs = 20_000;

export type ExclusionsPreview = Readonly<{
  patterns: readonly Readonly<{ pattern: string; files: number; bytes: number }>[];
  /** What all of them leave out together. */
  files: number;
  bytes: number;
  /** What is left out without them. */
  builtIn: readonly Readonly<{ pattern: string; reason: string }>[];
  builtInBytes: number;
  totalBytes: number;
  /** It took too long: there is more than was counted. */
  isCut: boolean;
  /** Volumes that only a helper reads. */
  uncounted: number;
}>;

/** What patterns would leave out now, of what can be read without a helper. Changes nothing. */
export const exclusionsPreview = operation(
  z.strictObject({ patterns: z.array(z.string().min(1).max(1000)).max(1000) }),
  async (engine, { patterns }, { signal }): Promise<ExclusionsPreview> => {
    const { trees, uncounted } = await treesOf(engine, signal);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
    const count = new Count(patterns);
    let isCut = false;
    try {
      for (const tree of trees) await count.add(tree, limit);
    } catch (error) {
      signal.throwIfAborted();
      if (!limit.aborted) throw error;
      isCut = true;
    }
    const builtIn = [...workspaceExcludes, ...dataFolderExcludes];
    return { ...count.result(), builtIn, isCut, uncounted };
  },
);

type Tree = Readonly<{ folder: string; builtIn: readonly string[] }>;

async function treesOf(
  engine: Engine,
  signal: AbortSignal,
): Promise<Readonly<{ trees: readonly Tree[]; uncounted: number }>> {
  const { settings } = await engine.settings.read();
  const install = await readInstall(requireInstall(settings), signal);
  const rows = await agentRows({ home: engine.home.folder, read: install, signal }, []);
  const { volumes } = await planVolumes(install, rows ?? [], settings.backup, signal);
  const included = volumes.filter((volume) => volume.included);
  const readable = included.filter(({ access }) => access.mode === 'host');
  const data =
    install.dataAccess.mode === 'host'
      ? [{ folder: install.dataFolder, builtIn: patternsOf(dataFolderExcludes) }]
      : [];
  const trees = readable.map(({ folder }) => ({ folder, builtIn: patternsOf(workspaceExcludes) }));
  return { trees: [...trees, ...data], uncounted: included.length - readable.length };
}

/** Names of one file from the root of its tree on, latin1 text of their bytes. */
type Found = Readonly<{ names: readonly string[]; bytes: number }>;

class Count {
  readonly #patterns: readonly string[];
  /** One by one, since the bytes of each are shown. */
  readonly #each: readonly Readonly<{ pattern: string; matcher: ExcludeMatcher }>[];
  readonly #byPattern: { files: number; bytes: number }[];
  readonly #sum = { files: 0, bytes: 0, builtInBytes: 0, totalBytes: 0 };

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns;
    this.#each = patterns.map((pattern) => ({ pattern, matcher: compileExclude([pattern]) }));
    this.#byPattern = patterns.map(() => ({ files: 0, bytes: 0 }));
  }

  async add({ folder, builtIn }: Tree, signal: AbortSignal): Promise<void> {
    const usual = compileExclude(builtIn);
    const all = compileExclude([...builtIn, ...this.#patterns]);
    const start = Buffer.byteLength(folder) + 1;
    for await (const { path, bytes } of filesBelow(folder, signal)) {
      const found = { names: path.toString('latin1', start).split('/'), bytes };
      this.#sum.totalBytes += bytes;
      if (isLeftOut(usual, found)) this.#sum.builtInBytes += bytes;
      else if (isLeftOut(all, found)) {
        this.#sum.files += 1;
        this.#sum.bytes += bytes;
        this.#addToPatterns(found);
      }
    }
  }

  #addToPatterns(found: Found): void {
    for (const [at, { matcher }] of this.#each.entries()) {
      const counted = this.#byPattern[at];
      if (counted === undefined || !isLeftOut(matcher, found)) continue;
      counted.files += 1;
      counted.bytes += found.bytes;
    }
  }

  result(): Omit<ExclusionsPreview, 'builtIn' | 'isCut' | 'uncounted'> {
    const patterns = this.#each.map(({ pattern }, at) => ({
      pattern,
      files: this.#byPattern[at]?.files ?? 0,
      bytes: this.#byPattern[at]?.bytes ?? 0,
    }));
    return { patterns, ...this.#sum };
  }
}

/** By itself, or with one of the folders that it lies in. */
function isLeftOut(matcher: ExcludeMatcher, { names }: Found): boolean {
  return names.some((_name, at) => matcher.matchesNames(names, at + 1, at + 1 < names.length));
}
