import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { sourceText } from '../../../../shared/model/component.ts';
import type { ManifestSource } from '../../../../shared/model/manifest.ts';
import type { PlannedPath, PlannedSource, RestorePlan } from '../../../../shared/model/restore-plan.ts';
import { assertVaultApart } from '../../apart.ts';
import { hostValuesOf } from '../../new-install/host-values.ts';
import type { RestoreRequest } from '../../services.ts';
import { planCopy } from '../another-name/plan-copy.ts';
import { oldKeyOf } from '../restore-keys.ts';
import type { RestoreRun } from '../restore-run.ts';
import { requireEmptyTarget } from '../restore-to.ts';
import { heldOf } from './count-changes.ts';
import { sumSpace } from './plan-space.ts';
import type { RestoreSpeed } from './plan-stops.ts';

export const bytesPerEntry = 4096;

export type PlannedRestore = Readonly<{ plan: RestorePlan; paths: readonly PlannedPath[] }>;

type Destination<Way> = Extract<RestoreRequest['destination'], { way: Way }>;

/** What every plan says of its backup. */
export function basicsOf({ manifest, selection, context }: RestoreRun) {
  return {
    planId: randomBytes(8).toString('hex'),
    backupId: manifest.backupId,
    timestamp: manifest.timestamp,
    from: null,
    failed: selection.failed.map(sourceText),
    isOtherInstall: manifest.installId !== context.installSettings.installId,
  } as const;
}

/** Of what changes nothing that is live. */
const nothingLive = {
  safetyBackup: 'nothing-live',
  stops: null,
  versions: null,
  keys: null,
  younger: { agents: [], volumes: [] },
  ownerless: [],
  revived: [],
  quiet: null,
  hostValues: [],
  warnings: [],
  notes: [],
} as const;

/** Beside everything that is live: all that was asked for is written. */
export async function planApart(
  run: RestoreRun,
  destination: Destination<'to' | 'new-install'>,
  speed: RestoreSpeed,
): Promise<PlannedRestore> {
  await requireEmptyTarget(run.context, destination);
  const { sources, bytes } = await writtenOf(run, run.selection.sources);
  const folder = path.resolve(destination.folder);
  const plan: RestorePlan = {
    ...basicsOf(run),
    ...nothingLive,
    destination: { way: destination.way, folder },
    sources,
    estimatedMs: timeFor(bytes, speed),
    space: await sumSpace([{ folder, bytes }]),
    hostValues:
      destination.way === 'new-install' ? [...(await hostValuesOf(run.selection.sources, run.reader))] : [],
  };
  return { plan, paths: [] };
}

/** One agent as a new one. */
export async function planAs(
  run: RestoreRun,
  { name }: Destination<'as'>,
  speed: RestoreSpeed,
): Promise<PlannedRestore> {
  const install = await run.context.readInstall();
  await assertVaultApart(run.context.vault.storage, install, run.context.settings);
  const { agent, template, leftOut, sources: copied } = await planCopy(run, install, name);
  const { sources, bytes } = await writtenOf(run, copied);
  const folder = install.volumesRoot ?? install.engine?.volumesFolder;
  const key = await oldKeyOf(run, install);
  const plan: RestorePlan = {
    ...basicsOf(run),
    ...nothingLive,
    destination: {
      way: 'as',
      agent,
      name,
      template: template.agent ?? null,
      leftOut: [...leftOut],
      isStarted: install.engine !== undefined,
    },
    sources,
    estimatedMs: timeFor(bytes, speed),
    space: folder === undefined ? [] : await sumSpace([{ folder, bytes }]),
    keys: key === undefined ? null : { state: key.state, choice: 'leave' },
  };
  return { plan, paths: [] };
}

type Written = Readonly<{ sources: PlannedSource[]; bytes: number }>;

async function writtenOf(run: RestoreRun, wanted: readonly ManifestSource[]): Promise<Written> {
  const sources: PlannedSource[] = [];
  for (const source of wanted) {
    const held = await heldOf(run, source, run.selection.paths.get(sourceText(source)));
    sources.push({ ...namesOf(run, source), held, way: 'apart', counts: null });
  }
  const bytes = sources.reduce((sum, { held }) => sum + held.bytes + held.files * bytesPerEntry, 0);
  return { sources, bytes };
}

export function namesOf({ selection }: RestoreRun, source: ManifestSource) {
  const { component, volume, agents } = source;
  const paths = selection.paths.get(sourceText(source))?.length ?? 0;
  return { source: sourceText(source), component, volume, agents: [...agents], paths };
}

export function timeFor(bytes: number, { bytesPerMs }: RestoreSpeed): number | null {
  return bytesPerMs === undefined ? null : Math.round(bytes / bytesPerMs);
}
