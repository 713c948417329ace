import type { Command } from 'commander';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { verifiedText } from '../../../../shared/lib/verified-text.ts';
import { durationText } from '../../../../shared/lib/time-text.ts';
import type { ResultOf } from '../../../app/operations/operations.ts';
import type { DrillOutcome } from '../../../backup/drill/drill.ts';
import type { VerifyOutcome } from '../../../backup/services.ts';
import { absoluteLocation } from '../arguments.ts';
import type { CommandHost } from '../command-host.ts';
import { statusText } from '../output/status-text.ts';
import { givenCredentials } from '../secrets.ts';
import { type Act, type CommandOptions, withWarnings } from './act.ts';

const damagedCode = 6;

export function addCheckCommands(program: Command, act: Act): void {
  program
    .command('status')
    .description('am I safe: one sentence; exit 0 protected, 3 attention, 1 worse')
    .action(
      act(async (host) => {
        const status = await host.run('status', {});
        host.terminal.print(status, () => statusText(status, Date.now()));
        return status.exitCode;
      }),
    );
  program
    .command('verify')
    .description('check the vault, or what one backup needs')
    .argument('[id]')
    .option('--data <depth>', 'how much of the data is read: none, sample or full', 'sample')
    .option('--from <name>', 'check this copy of the vault')
    .action(act(verify));
  program
    .command('drill')
    .description('rehearse a restore: bring the newest, or one, backup back to a scratch place and check it')
    .argument('[id]')
    .option('--from <name>', 'out of this copy of the vault')
    .action(act(drill));
  program
    .command('collect')
    .description('delete what no backup needs any more; the first run marks, a later one deletes')
    .action(
      act(async (host) => {
        const result = await host.run('collect', {});
        host.terminal.print(result, () => collectText(result));
      }),
    );
  program
    .command('storage-test')
    .description('try every right that a vault needs at a place; without a location, at that of this home')
    .argument('[location]')
    .option(
      '--credentials-file <file>',
      'for S3: the access key in its first line, the secret key in its second',
    )
    .action(act(storageTest));
  program
    .command('recover')
    .description('finish or undo what an interrupted run left; every command does so first')
    .action(
      act(async (host) => {
        const { restores, containers, leftovers } = await host.run('recover', {});
        const messages = [...restores, ...containers, ...leftovers].map(({ message }) => message);
        host.terminal.print({ restores }, () =>
          messages.length === 0
            ? 'Nothing was left to recover.'
            : messages.filter((message) => !host.told.has(message)).join('\n'),
        );
        return [...restores, ...leftovers].some(({ result }) => result === 'failed') ? 1 : 0;
      }),
    );
}

async function verify(
  host: CommandHost,
  options: CommandOptions,
  [backupId]: readonly string[],
): Promise<number> {
  const { data, from } = options;
  if (data !== 'none' && data !== 'sample' && data !== 'full') {
    throw new AppError('usage', 'Choose --data none, --data sample or --data full.');
  }
  const outcome = await host.run('verify', { data, from, ...(backupId === undefined ? {} : { backupId }) });
  host.terminal.print(outcome, () => verifyText(outcome, data));
  return outcome.ok ? 0 : damagedCode;
}

function verifyText(outcome: VerifyOutcome, data: string): string {
  const { ok, damaged, notes = [] } = outcome;
  const read = `${verifiedText(outcome)}${data === 'full' ? '' : ` (--data ${data})`}`;
  if (ok) return `No damage found: ${read}.`;
  const lines = damaged.map(({ object, reason, backups, sources }) => {
    const needed =
      backups.length === 0
        ? 'no backup needs it'
        : `needed by ${backups.join(', ')}${sources.length === 0 ? '' : ` for ${sources.join(', ')}`}`;
    return `  ${object}: ${reason} (${needed})`;
  });
  return [
    `Damage found: ${read}.`,
    ...lines,
    ...notes,
    'Back up again: what the install still has is stored anew.',
  ].join('\n');
}

async function drill(
  host: CommandHost,
  { from }: CommandOptions,
  [backupId]: readonly string[],
): Promise<number> {
  const asked = { from, ...(backupId === undefined ? {} : { backupId }) };
  const { words } = await host.run('drillPlan', asked);
  host.terminal.say(words);
  const outcome = await host.run('drill', asked);
  host.terminal.print(outcome, () => drillText(outcome));
  if (!outcome.ok) return damagedCode;
  return outcome.skipped.length > 0 ? withWarnings : 0;
}

function drillText(outcome: DrillOutcome): string {
  const { backupId, proven, failed, skipped, restoredBytes, durationMs } = outcome;
  const head =
    failed.length === 0 && skipped.length === 0
      ? `Proven: backup ${backupId} restores.`
      : `Backup ${backupId}: ${countOf(proven.length, 'source')} proven, ${failed.length} failed, ${skipped.length} skipped.`;
  return [
    `${head} ${countOf(proven.length, 'source')}, ${sizeText(restoredBytes)} restored, checked and thrown away in ${durationText(durationMs)}.`,
    ...failed.map(({ source, message }) => `Failed: ${source}: ${message}`),
    ...skipped.map(({ source, message }) => `Skipped: ${source}: ${message}`),
  ].join('\n');
}

async function storageTest(
  host: CommandHost,
  options: CommandOptions,
  [location]: readonly string[],
): Promise<number> {
  const credentials = await givenCredentials(options);
  const tested = await host.run('storageTest', {
    ...(location === undefined ? {} : { location: absoluteLocation(location) }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  host.terminal.print(tested, () => storageTestText(tested));
  return tested.ok ? 0 : 1;
}

function storageTestText({ ok, location, checks }: ResultOf<'storageTest'>): string {
  const lines = checks.map(({ what, isOk, note, advice }) => {
    const more = [note, advice].filter((text) => text !== undefined).join(' ');
    return `  ${isOk ? 'ok' : 'NO'}  ${what}${more === '' ? '' : `: ${more}`}`;
  });
  return [
    `${location} ${ok ? 'has all that a vault needs.' : 'cannot hold a vault as it is:'}`,
    ...lines,
  ].join('\n');
}

function collectText(result: ResultOf<'collect'>): string {
  const { deletedPacks, deletedBytes, doomedPacks, doomedBytes, waitingPacks } = result;
  return [
    `${countOf(deletedPacks, 'pack')} deleted, ${sizeText(deletedBytes)} free again.`,
    ...(doomedPacks > 0
      ? [
          `${countOf(doomedPacks, 'pack')} (${sizeText(doomedBytes)}) marked: the next run deletes what is still unused then.`,
        ]
      : []),
    ...(waitingPacks > 0
      ? [`${countOf(waitingPacks, 'marked pack')} wait for their 24 hours or for a reader.`]
      : []),
  ].join('\n');
}
