import { AppError } from '../../../shared/lib/app-error.ts';
import { assertBackupId } from '../../../shared/model/backup-id.ts';
import { sourceWords } from '../../../shared/lib/restore-plan/sentence.ts';
import { sourceText } from '../../../shared/model/component.ts';
import { damageAtSource, type Manifest, type ManifestSource } from '../../../shared/model/manifest.ts';
import type { ComponentRegistry } from '../../components/registry.ts';
import { pathBytes } from '../../platform/path-text.ts';
import type { Vault, VaultReader } from '../../vault/vault.ts';
import { checkNames, checkOnce } from '../run/backup-request.ts';
import type { RestoreRequest } from '../services.ts';

const memory = 'memory';

/** What a restore brings back: sources in the registry's order, and the paths of those that are not wanted whole. */
export type Selection = Readonly<{
  sources: readonly ManifestSource[];
  paths: ReadonlyMap<string, readonly Buffer[]>;
  /** Sources that were asked for and that the backup could not copy. */
  failed: readonly ManifestSource[];
}>;

/** The manifest of a backup; `usage` for a malformed id, `not-found`, `damaged`. */
export async function loadRequested(vault: Vault, backupId: string): Promise<Manifest> {
  assertBackupId(backupId);
  const { manifest } = await vault.loadManifest(backupId);
  return manifest;
}

/** Checks what was asked for against the backup and finds the sources of it. */
export async function selectSources(
  parts: Readonly<{
    manifest: Manifest;
    registry: ComponentRegistry;
    request: RestoreRequest;
    reader: VaultReader;
  }>,
): Promise<Selection> {
  const { manifest, registry, request, reader } = parts;
  const wanted = byAgents(byComponents(manifest, request), request);
  requireHandlers(wanted, registry);
  const ordered = registry.components.flatMap((component) =>
    wanted.filter((source) => source.component === component),
  );
  const complete = ordered.filter(({ state }) => state === 'complete');
  const failed = ordered.filter(({ state }) => state === 'failed');
  if (complete.length === 0) {
    throw new AppError(
      'usage',
      `Backup ${manifest.backupId} holds nothing of what was asked for. Look at it with show.`,
    );
  }
  if (request.paths === undefined) {
    refuseKnownDamage(complete, request);
    return { sources: complete, paths: new Map(), failed };
  }
  const paths = await findPaths(complete, request.paths, reader);
  return {
    sources: complete.filter((source) => paths.has(sourceText(source))),
    paths: wholeLeftOut(paths),
    failed: [],
  };
}

/** A database that was damaged when it was copied never goes live; `--to` gives it out. Said before anything is fetched. */
function refuseKnownDamage(sources: readonly ManifestSource[], { destination }: RestoreRequest): void {
  if (destination.way === 'to') return;
  for (const source of sources) {
    const problem = damageAtSource(source);
    if (problem === undefined) continue;
    throw new AppError(
      'damaged',
      `${sourceWords(sourceText(source))} was already damaged when this backup was made: ${problem}. Restore it from an earlier ` +
        'backup; agents, files and configuration of this one can be restored without it.',
      { details: { source: sourceText(source), problems: [problem] } },
    );
  }
}

function byComponents(manifest: Manifest, request: RestoreRequest): readonly ManifestSource[] {
  const { only, agents } = request;
  if (only === undefined) return agents === undefined ? manifest.sources : ofComponents(manifest, [memory]);
  checkNames('--only', only, [...new Set(manifest.sources.map(({ component }) => component))]);
  if (agents !== undefined && !only.includes(memory)) {
    throw new AppError(
      'usage',
      '--agent narrows the component memory, which --only leaves out. Name memory too.',
    );
  }
  return ofComponents(manifest, only);
}

function ofComponents({ sources }: Manifest, components: readonly string[]): readonly ManifestSource[] {
  return sources.filter(({ component }) => components.includes(component));
}

function byAgents(
  sources: readonly ManifestSource[],
  { agents, backupId }: RestoreRequest,
): readonly ManifestSource[] {
  if (agents === undefined) return sources;
  if (agents.length === 0)
    throw new AppError('usage', '--agent names no agent. Name one, or leave it out for all.');
  checkOnce('--agent', agents);
  const unknown = agents.find(
    (agent) => !sources.some((source) => source.component === memory && source.agents.includes(agent)),
  );
  if (unknown !== undefined) {
    throw new AppError(
      'not-found',
      `Backup ${backupId} holds no agent "${unknown}". See with show which it holds.`,
    );
  }
  return sources.filter(
    ({ component, agents: served }) => component !== memory || served.some((agent) => agents.includes(agent)),
  );
}

function requireHandlers(sources: readonly ManifestSource[], registry: ComponentRegistry): void {
  const unknown = sources.find(({ component }) => registry.find(component) === undefined);
  if (unknown === undefined) return;
  throw new AppError(
    'refused',
    `Nothing here knows the component "${unknown.component}". Leave it out with --only.`,
  );
}

const whole = Buffer.alloc(0);

async function findPaths(
  sources: readonly ManifestSource[],
  asked: readonly string[],
  reader: VaultReader,
): Promise<ReadonlyMap<string, readonly Buffer[]>> {
  if (asked.length === 0)
    throw new AppError('usage', '--path names nothing. Name a path of the backup, or leave it out for all.');
  checkOnce('--path', asked);
  const found = new Map<string, Buffer[]>();
  for (const text of asked) {
    const { source, path } = await findPath(sources, text, reader);
    const key = sourceText(source);
    found.set(key, [...(found.get(key) ?? []), path]);
  }
  return new Map([...found].map(([key, paths]) => [key, outermost(paths)]));
}

type Found = Readonly<{ source: ManifestSource; path: Buffer }>;

/** A path with its component (and volume) in front goes before one that is relative to the root of some source. */
async function findPath(
  sources: readonly ManifestSource[],
  text: string,
  reader: VaultReader,
): Promise<Found> {
  const path = cleanPath(text);
  for (const source of sources) {
    const rest = withoutPrefix(path, Buffer.from(sourceText(source)));
    if (rest !== undefined && (await holds(source, rest, reader))) return { source, path: rest };
  }
  const holders: Found[] = [];
  for (const source of sources)
    if (path.length > 0 && (await holds(source, path, reader))) holders.push({ source, path });
  const [first, second] = holders;
  if (first === undefined) {
    throw new AppError(
      'not-found',
      `The backup holds no "${text}" in what was asked for. Look for it with files or find.`,
    );
  }
  if (second === undefined) return first;
  const names = holders.map(({ source }) => `${sourceText(source)}/${text}`).join(', ');
  throw new AppError('usage', `"${text}" is in several parts of the backup. Name one of ${names}.`);
}

async function holds(source: ManifestSource, path: Buffer, reader: VaultReader): Promise<boolean> {
  if (source.listing === undefined) return false;
  if (path.length === 0) return true;
  const listing = await reader.openListing(source.listing);
  return (await listing.entry(path)) !== undefined;
}

function cleanPath(text: string): Buffer {
  const trimmed = text.replace(/^(?:\.?\/)+/u, '').replace(/\/+$/u, '');
  const bytes = pathBytes(trimmed);
  const parts = bytes.toString('latin1').split('/');
  if (trimmed !== '' && parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new AppError('usage', `"${text}" is no path within a backup. Write it without "." and "..".`);
  }
  return bytes;
}

function withoutPrefix(path: Buffer, bytes: Buffer): Buffer | undefined {
  if (path.equals(bytes)) return whole;
  const isBelow =
    path.length > bytes.length && path[bytes.length] === 0x2f && path.subarray(0, bytes.length).equals(bytes);
  return isBelow ? path.subarray(bytes.length + 1) : undefined;
}

/** Paths that lie in no other of them, each once. */
function outermost(paths: readonly Buffer[]): readonly Buffer[] {
  const kept: Buffer[] = [];
  for (const path of paths.toSorted((one, other) => one.length - other.length)) {
    if (!kept.some((other) => other.length === 0 || withoutPrefix(path, other) !== undefined))
      kept.push(path);
  }
  return kept;
}

/** A source that was named as a whole needs no paths. */
function wholeLeftOut(paths: ReadonlyMap<string, readonly Buffer[]>): ReadonlyMap<string, readonly Buffer[]> {
  return new Map([...paths].filter(([, list]) => list.every((path) => path.length > 0)));
}
