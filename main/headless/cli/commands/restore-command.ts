import type { Command } from 'commander';
import { AppError, exitCodeOf } from '../../../../shared/lib/app-error.ts';
import { planSentences } from '../../../../shared/lib/restore-plan/plan-sentences.ts';
import { sentenceText } from '../../../../shared/lib/restore-plan/sentence.ts';
import { countOf } from '../../../../shared/lib/size-text.ts';
import { dockerPlace } from '../../../app/docker-place.ts';
import type { InputOf } from '../../../app/operations/operations.ts';
import type { RestoreOutcome } from '../../../backup/services.ts';
import { absolutePath, collect, namesOf } from '../arguments.ts';
import type { CommandHost } from '../command-host.ts';
import { askerAt, askHostValues, givenHostValues } from '../host-values.ts';
import { findingsText } from '../output/findings.ts';
import { canAsk } from '../secrets.ts';
import { type Act, type CommandOptions, withWarnings } from './act.ts';

export function addRestoreCommand(program: Command, act: Act): void {
  program
    .command('restore')
    .description(
      'bring a backup back: to a folder, in place, an agent under another name, or as a new install',
    )
    .argument('<id>')
    .option('--only <components>', 'these only, for example persistence,memory')
    .option('--agent <name>', 'the volumes of this agent only; may be repeated', collect)
    .option('--path <path>', 'this file or folder only; may be repeated', collect)
    .option('--to <dir>', 'write plain files there and touch nothing else')
    .option('--as <name>', 'with one --agent: make it a new agent of this name beside the one that lives')
    .option('--new-install <dir>', 'build a whole install in this empty folder')
    .option('--volumes-root <dir>', 'with --new-install: where its volumes go, if not into Docker')
    .option('--docker-host <url>', 'with --new-install: the Docker engine that is to hold its volumes')
    .option(
      '--set <key=value>',
      'with --new-install: a value of .env that is another here; may be repeated',
      collect,
    )
    .option('--env-file <file>', 'with --new-install: such values by lines, secret ones too; - reads stdin')
    .option('--confirm', 'do it: replace what is live, or add what is new')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--no-safety-backup', 'do not back up what is replaced')
    .option('--start-quietly', 'turn schedules and queued runs off before the first start')
    .option('--no-start-quietly', 'leave them as they are, also from an old backup or another host')
    .option('--from <name>', 'out of this copy of the vault')
    .action(act(restore));
}

async function restore(
  host: CommandHost,
  options: CommandOptions,
  [backupId = '']: readonly string[],
): Promise<number> {
  const request = restoreRequest(options, backupId);
  const { way } = request.destination;
  const isDryRun = options.dryRun === true;
  if (isDryRun || (way !== 'to' && options.confirm !== true)) return await tellPlan(host, request, isDryRun);
  const outcome = await host.run('restore', await withHostValues(host, request, options));
  host.terminal.print(outcome, () =>
    restoreText(outcome, way === 'to' ? request.destination.folder : undefined),
  );
  if (outcome.warnings.some(({ code }) => code === 'damaged')) return exitCodeOf('damaged');
  return outcome.warnings.length > 0 ? withWarnings : 0;
}

type RestoreInput = InputOf<'restore'>;

/** A new install keeps what the old host's `.env` says of itself, unless other values are given, or typed by whoever is asked. */
async function withHostValues(
  host: CommandHost,
  request: RestoreInput,
  options: CommandOptions,
): Promise<RestoreInput> {
  const { destination } = request;
  if (destination.way !== 'new-install') return request;
  const given = await givenHostValues(options);
  const isAsked = canAsk() && host.terminal.isWatched;
  const known = isAsked ? (await host.run('restorePlan', request)).hostValues : [];
  if (known.some(({ key }) => given[key] === undefined))
    host.terminal.say(
      'These values of .env belonged to the old host. Type what they are here; Enter keeps one.',
    );
  const hostValues = { ...given, ...(await askHostValues(known, given, askerAt(host.signal))) };
  return { ...request, destination: { ...destination, hostValues } };
}

function restoreRequest(options: CommandOptions, backupId: string): RestoreInput {
  const only = namesOf('--only', options.only);
  return {
    backupId,
    ...(only === undefined ? {} : { only }),
    ...(options.agent === undefined ? {} : { agents: options.agent }),
    ...(Array.isArray(options.path) ? { paths: options.path } : {}),
    destination: destinationOf(options),
    safetyBackup: options.safetyBackup !== false,
    ...(options.startQuietly === undefined ? {} : { startQuietly: options.startQuietly }),
    from: options.from,
  };
}

function destinationOf({
  to,
  as: name,
  newInstall,
  volumesRoot,
  dockerHost,
  confirm,
  set,
  envFile,
}: CommandOptions): RestoreInput['destination'] {
  if (to !== undefined && (newInstall !== undefined || confirm === true)) {
    throw new AppError(
      'usage',
      'Choose one: --to DIR writes plain files, --confirm replaces what is live, --new-install DIR --confirm builds an install.',
    );
  }
  if (name !== undefined && (to !== undefined || newInstall !== undefined)) {
    throw new AppError(
      'usage',
      'Choose one: --as NAME makes a new agent, --to DIR and --new-install DIR go elsewhere.',
    );
  }
  if ((set !== undefined || envFile !== undefined) && newInstall === undefined) {
    throw new AppError(
      'usage',
      '--set and --env-file go with --new-install only: in place, .env keeps what is of this host.',
    );
  }
  if (dockerHost !== undefined && newInstall === undefined) {
    throw new AppError(
      'usage',
      '--docker-host goes with --new-install only: in place, the engine of the install serves.',
    );
  }
  if (volumesRoot !== undefined && newInstall === undefined) {
    throw new AppError(
      'usage',
      '--volumes-root goes with --new-install only: in place, volumes go back to where they are.',
    );
  }
  if (name !== undefined) return { way: 'as', name };
  if (to !== undefined) return { way: 'to', folder: absolutePath('--to', to) };
  if (newInstall === undefined) return { way: 'in-place' };
  return {
    way: 'new-install',
    folder: absolutePath('--new-install', newInstall),
    ...(volumesRoot === undefined ? {} : { volumesRoot: absolutePath('--volumes-root', volumesRoot) }),
    ...(dockerHost === undefined ? {} : { dockerHost }),
    docker: dockerPlace(),
  };
}

/**
 * Without the word that is asked for nothing is done: what would be is told, and the exit code says that nothing was, unless that is
 * what was asked for.
 */
async function tellPlan(host: CommandHost, request: RestoreInput, isAsked: boolean): Promise<number> {
  const plan = await host.run('restorePlan', request);
  const sentences = planSentences(plan, Date.now()).map((sentence) => `  ${sentenceText(sentence)}`);
  const about = [`Restoring backup ${plan.backupId} of ${plan.timestamp}:`, ...sentences].join('\n');
  if (isAsked) {
    host.terminal.print(plan, () => about);
    return 0;
  }
  host.terminal.say(about);
  throw new AppError('usage', confirmTexts[request.destination.way]);
}

const confirmTexts = {
  'in-place':
    'Nothing was restored: add --confirm to replace what is live, or --to DIR to write plain files beside it.',
  as: 'Nothing was done: add --confirm to make the new agent.',
  'new-install': 'Nothing was done: add --confirm to build the new install.',
  to: 'Nothing was done.',
} as const;

function restoreText(outcome: RestoreOutcome, folder: string | undefined): string {
  const { restored, backupId } = outcome;
  const where = folder === undefined ? 'restored and checked' : `restored to ${folder} and checked`;
  const named = restored.length <= 4 ? `: ${restored.join(', ')}` : '';
  return [
    `${countOf(restored.length, 'source')} of backup ${backupId} ${restored.length === 1 ? 'is' : 'are'} ${where}${named}.`,
    ...(outcome.safetyBackupId === null
      ? []
      : [`What was there before is backup ${outcome.safetyBackupId}: restore that one to undo this.`]),
    ...(outcome.restartRequired ? ['Start Trinity again.'] : []),
    ...findingsText(outcome),
  ].join('\n');
}
