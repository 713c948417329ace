import { AppError } from '../../../shared/lib/app-error.ts';
import { assertNever } from '../../../shared/lib/assert-never.ts';
import { requireOneAgent } from './another-name/plan-copy.ts';
import { restoreAs } from './another-name/restore-as.ts';
import { restoreInPlace } from './restore-in-place.ts';
import { restoreNewInstall } from './restore-new-install.ts';
import { loadRequested, selectSources } from './restore-request.ts';
import { untouched } from './restore-end.ts';
import type { LiveState, RestoreRun } from './restore-run.ts';
import { RestoreSteps } from './restore-steps.ts';
import { restoreTo } from './restore-to.ts';
import type { RestoreOutcome, RestoreRequest, RunOptions, ServiceContext } from '../services.ts';
import type { SwapHooks } from './swap/swap-run.ts';

/**
 * Restores a backup, or parts of it, all or nothing. Rejects with `usage` (a malformed id, names that are empty, unknown or not in
 * this backup), `not-found` (backup, agent, path), `damaged` (naming what), `refused` (newer data, mount points, overlap), `busy`,
 * `cancelled`, or `failed`; whatever it rejects with, what was live is as it was. `details` say what is known of that: `isUntouched` (it
 * was never touched), `putBack`, `isMixed` (that is still to be done), `isNotBack` (something does not run again).
 */
export async function restoreBackup(
  context: ServiceContext,
  request: RestoreRequest,
  options: RunOptions,
  hooks: SwapHooks = {},
): Promise<RestoreOutcome> {
  const live: LiveState = { isTouched: false, hasJournal: false };
  try {
    return await restoreRequested(context, request, { options, hooks, live });
  } catch (error) {
    if (live.isTouched) throw error;
    // Deep down an abort shows as many things.
    throw untouched(options.signal.aborted && !(error instanceof AppError) ? options.signal.reason : error);
  }
}

async function restoreRequested(
  context: ServiceContext,
  request: RestoreRequest,
  { options, ...parts }: Pick<RestoreRun, 'options' | 'hooks' | 'live'>,
): Promise<RestoreOutcome> {
  if (request.destination.way === 'as') requireOneAgent(request, request.destination.name);
  const manifest = await loadRequested(context.vault, request.backupId);
  await using reader = await context.vault.openReader('restore');
  const selection = await selectSources({ manifest, registry: context.registry, request, reader });
  const steps = new RestoreSteps(request, options);
  return await restoreBy({
    context,
    manifest,
    selection,
    request,
    reader,
    options: steps.options,
    steps,
    ...parts,
  });
}

async function restoreBy(run: RestoreRun): Promise<RestoreOutcome> {
  const { destination } = run.request;
  switch (destination.way) {
    case 'to':
      return await restoreTo(run, destination.folder);
    case 'in-place':
      return await restoreInPlace(run);
    case 'as':
      return await restoreAs(run, destination.name);
    case 'new-install':
      if (run.selection.paths.size > 0) {
        throw new AppError(
          'usage',
          '--path cannot go with --new-install. Restore the whole install, or restore into a folder (--to).',
        );
      }
      return await restoreNewInstall(run, destination);
    default:
      return assertNever(destination);
  }
}
