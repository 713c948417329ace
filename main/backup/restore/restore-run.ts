import { randomBytes } from 'node:crypto';
import { AppError } from '../../../shared/lib/app-error.ts';
import { sourceWords } from '../../../shared/lib/restore-plan/sentence.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Manifest, ManifestSource } from '../../../shared/model/manifest.ts';
import type { ComponentHandler, Place, Swap } from '../../components/component-handler.ts';
import type { TrinityInstall } from '../../trinity/install.ts';
import type { VaultReader } from '../../vault/vault.ts';
import { HelperStage } from '../by-helper/helper-stage.ts';
import {
  stageFilesByHelper,
  type HelperFilesRequest,
  type StagedByHelper,
} from '../by-helper/stage-by-helper.ts';
import type { StagedDatabase } from '../databases/stage-database.ts';
import { OpenJournal } from './swap/journal.ts';
import { restoreContext } from './restore-context.ts';
import { abandonForNow } from './restore-end.ts';
import type { Selection } from './restore-request.ts';
import type { RestoreOutcome, RestoreRequest, RunOptions, ServiceContext } from '../services.ts';
import type { RestoreSteps } from './restore-steps.ts';
import { Staging } from './staging/staging.ts';
import type { SwapHooks } from './swap/swap-run.ts';

/** Everything that one restore works with. */
export type RestoreRun = Readonly<{
  context: ServiceContext;
  manifest: Manifest;
  selection: Selection;
  request: RestoreRequest;
  reader: VaultReader;
  options: RunOptions;
  steps: RestoreSteps;
  hooks: SwapHooks;
  live: LiveState;
}>;

export type LiveState = {
  /** Anything live may have been changed: until then a failure may say that nothing was. */
  isTouched: boolean;
  /** Something was left for a recovery. */
  hasJournal: boolean;
};

/** What is staged and waits for its swap. Groups are those of the handlers, in order. */
export type StagedRestore = Readonly<{
  groups: readonly (readonly Swap[])[];
  /** Group of each source, by `sourceText`. */
  groupOf: ReadonlyMap<string, number>;
  liveFolders: ReadonlyMap<string, Place>;
  databases: readonly StagedDatabase[];
  byHelper: readonly StagedByHelper[];
  /** Files that wait for `sendStagedFiles`. */
  helperFiles: readonly HelperFilesRequest[];
}>;

/**
 * Runs `work` with a new journal. Whatever it throws while nothing is swapped removes all that was made; afterwards the work itself
 * has put things in order.
 */
export async function withJournal<T>(
  run: RestoreRun,
  work: (journal: OpenJournal) => Promise<T>,
): Promise<T> {
  const { context, manifest, options } = run;
  await using journal = await OpenJournal.begin(context.home, {
    restoreId: randomBytes(6).toString('hex'),
    backupId: manifest.backupId,
    startedAt: new Date().toISOString(),
    isApart: run.request.destination.way === 'to',
  });
  try {
    return await work(journal);
  } catch (error) {
    if (journal.content.phase !== 'staging') throw error;
    if (!(await abandonForNow(journal))) run.live.isTouched = true;
    if (!options.signal.aborted) throw error;
    throw new AppError('cancelled', 'The restore was cancelled; nothing was changed.', { cause: error });
  } finally {
    if (journal.content.phase !== 'staging') run.live.isTouched = true;
    run.live.hasJournal = !journal.isRemoved;
  }
}

/** Undefined without an engine. To be closed before the swap. */
export function helperStageOf(
  { engine }: TrinityInstall,
  journal: OpenJournal,
  signal: AbortSignal,
): HelperStage | undefined {
  return engine === undefined ? undefined : new HelperStage(journal, engine.host, signal);
}

/** For live places: all of a source or nothing. */
export function stagingOf({ reader, options }: RestoreRun, journal: OpenJournal): Staging {
  return new Staging({ journal, reader, options, exactMetadata: true });
}

/** Lets each handler stage its sources, and checks what it staged. */
export async function stageAll(
  run: RestoreRun,
  place: Readonly<{
    journal: OpenJournal;
    staging: Staging;
    install: TrinityInstall;
    helperStage: HelperStage | undefined;
    onlyChanges: boolean;
    isNewInstall: boolean;
  }>,
): Promise<StagedRestore> {
  const { context, selection } = run;
  const liveFolders = new Map<string, Place>();
  const databases: StagedDatabase[] = [];
  const byHelper: StagedByHelper[] = [];
  const helperFiles: HelperFilesRequest[] = [];
  const groupOf = new Map<string, number>();
  const groups: (readonly Swap[])[] = [];
  for (const handler of context.registry.handlers) {
    const sources = selection.sources.filter(({ component }) => component === handler.component);
    if (sources.length === 0) continue;
    for (const source of sources) groupOf.set(sourceText(source), groups.length);
    const parts = {
      ...place,
      settings: context.settings,
      component: handler.component,
      paths: selection.paths,
      liveFolders,
      databases,
      byHelper,
      helperFiles,
    };
    groups.push(await handler.restore(sources, restoreContext(parts)));
    await validateStaged(handler, place.staging);
  }
  return { groups, groupOf, liveFolders, databases, byHelper, helperFiles };
}

/** Everything is staged when it resolves, files too that were changed here until now. */
export async function sendStagedFiles(journal: OpenJournal, staged: StagedRestore): Promise<StagedRestore> {
  const sent: StagedByHelper[] = [];
  // In the order of their components: the database comes first.
  for (const request of staged.helperFiles) {
    const one = await stageFilesByHelper(journal, request);
    if (one !== undefined) sent.push(one);
  }
  return { ...staged, byHelper: [...sent, ...staged.byHelper], helperFiles: [] };
}

/** What is wrong with a tree goes before anything is swapped. Paths out of a tree cannot be judged as a whole. */
async function validateStaged(handler: ComponentHandler, staging: Staging): Promise<void> {
  for (const { source, folder, isWhole } of staging.staged) {
    if (source.component !== handler.component || !isWhole) continue;
    const problems = await handler.validateSource(source, folder, staging.signal);
    if (problems.length > 0) throw invalidSource(source, problems);
  }
}

export function invalidSource(source: ManifestSource, problems: readonly string[]): AppError {
  const shown = problems.slice(0, 3).join('; ');
  return new AppError(
    'damaged',
    `${sourceWords(sourceText(source), source.agents)} in this backup is not sound: ${shown}. Restore it from another backup, and from this one the other parts alone.`,
    { details: { source: sourceText(source), problems } },
  );
}

export function outcomeOfRestore(
  run: RestoreRun,
  result: Readonly<{
    staging: Staging;
    /** All that were asked for when undefined. */
    restored?: readonly ManifestSource[];
    safetyBackupId: string | null;
    restartRequired: boolean;
    stoppedMs?: number;
    warnings?: readonly Finding[];
    notes?: readonly Finding[];
  }>,
): RestoreOutcome {
  const { staging, safetyBackupId, restartRequired } = result;
  return {
    backupId: run.manifest.backupId,
    restored: (result.restored ?? run.selection.sources).map(sourceText),
    safetyBackupId,
    restartRequired,
    ...staging.written,
    stoppedMs: result.stoppedMs ?? 0,
    warnings: [
      ...run.selection.failed.map(failedFinding),
      ...staging.warnings.list,
      ...(result.warnings ?? []),
    ],
    notes: [...staging.notes.list, ...(result.notes ?? [])],
  };
}

function failedFinding({ component, volume, agents }: ManifestSource): Finding {
  const message = `${sourceWords(sourceText({ component, volume }), agents)} could not be copied when this backup was made, and was not restored.`;
  return { code: 'not-in-backup', message, component, volume };
}
