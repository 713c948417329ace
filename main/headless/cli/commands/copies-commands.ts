import type { Command } from 'commander';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { ageText, momentText } from '../../../../shared/lib/time-text.ts';
import type { ResultOf } from '../../../app/operations/operations.ts';
import { absoluteLocation } from '../arguments.ts';
import type { CommandHost } from '../command-host.ts';
import { factsText, tableText } from '../output/table.ts';
import { credentialsHelp, givenCredentials } from '../secrets.ts';
import { type Act, type CommandOptions, withWarnings } from './act.ts';

export function addCopiesCommands(program: Command, act: Act): void {
  const copies = program.command('copies').description('keep the vault in further places');
  copies
    .command('add')
    .description('make an empty place a copy of the vault, or take one that is')
    .argument('<location>', 'a folder on another disk or share, or s3://bucket/prefix?endpoint=…')
    .option('--name <name>', 'what it is called; the last part of its place unless said otherwise')
    .option('--no-required', 'it may lag behind: backups that it lacks are not kept for it')
    .option('--credentials-file <file>', credentialsHelp)
    .action(act(add));
  copies
    .command('list')
    .description('the copies and their places')
    .action(
      act(async (host) => {
        const all = await host.run('copiesStatus', {});
        host.terminal.print(all, () => listText(all));
      }),
    );
  copies
    .command('status')
    .description('how the copies stand')
    .action(
      act(async (host) => {
        const all = await host.run('copiesStatus', {});
        host.terminal.print(all, () => statusText(all, Date.now()));
      }),
    );
  copies
    .command('run')
    .description('copy what is new, to one or all of them')
    .argument('[name]')
    .option('--confirm', 'also when more than half of the backups of a copy would go')
    .action(act(run));
  copies
    .command('remove')
    .description('forget a copy; what lies there stays')
    .argument('<name>')
    .action(
      act(async (host, _options, [name = '']) => {
        const removed = await host.run('copiesRemove', { name });
        host.terminal.print(
          removed,
          () => `The copy ${name} is forgotten. Its backups stay at ${removed.location}: connect opens them.`,
        );
      }),
    );
}

async function add(
  host: CommandHost,
  options: CommandOptions,
  [location = '']: readonly string[],
): Promise<number> {
  const { name, required } = options;
  const credentials = await givenCredentials(options);
  const added = await host.run('copiesAdd', {
    location: absoluteLocation(location, 'The location'),
    ...(name === undefined ? {} : { name }),
    ...(required === false ? { required } : {}),
    ...(credentials === undefined ? {} : { credentials }),
  });
  host.terminal.print(added, () =>
    [
      `The copy ${added.name} ${added.isNew ? 'is made' : 'was there already'} at ${added.location}. Fill it with trinity-backup copies run ${added.name}.`,
      ...added.warnings.map(({ message }) => `Warning: ${message}`),
    ].join('\n'),
  );
  return added.warnings.length > 0 ? withWarnings : 0;
}

async function run(
  host: CommandHost,
  { confirm }: CommandOptions,
  [name]: readonly string[],
): Promise<number> {
  const done = await host.run('copiesRun', {
    ...(name === undefined ? {} : { name }),
    ...(confirm === true ? { confirmed: true } : {}),
  });
  host.terminal.print(done, () => runText(done));
  const isWhole = done.failed.length === 0 && done.copies.every(({ problems }) => problems.length === 0);
  return isWhole ? 0 : withWarnings;
}

function runText({ copies, failed }: ResultOf<'copiesRun'>): string {
  return [
    ...copies.flatMap(({ name, copied, trashed, sentBytes, problems, healed }) => [
      `${name}: ${countOf(copied.length, 'backup')} copied, ${sizeText(sentBytes)} sent${trashed.length > 0 ? `, ${countOf(trashed.length, 'backup')} in its trash now` : ''}.`,
      ...problems.map((problem) => `  ${problem}`),
      ...(healed === null ? [] : [`  ${healedText(healed)}`]),
    ]),
    ...failed.map(({ name, message }) => `${name}: ${message}`),
  ].join('\n');
}

function healedText({
  packs,
  backups,
  stillLost,
}: NonNullable<ResultOf<'copiesRun'>['copies'][number]['healed']>): string {
  const mended = [
    ...(packs > 0 ? [countOf(packs, 'pack')] : []),
    ...(backups.length > 0 ? [countOf(backups.length, 'manifest')] : []),
  ];
  const what =
    mended.length === 0
      ? 'Nothing of what is damaged in the vault is in it'
      : `Damage in the vault was mended from it: ${mended.join(' and ')}`;
  return stillLost === 0
    ? `${what}.`
    : `${what}; ${countOf(stillLost, 'piece')} of data it does not have either.`;
}

function listText(copies: ResultOf<'copiesStatus'>): string {
  if (copies.length === 0) return 'There is no copy of the vault. Make one with trinity-backup copies add.';
  return tableText(
    [{ title: 'NAME' }, { title: 'PLACE' }, { title: 'REQUIRED' }, { title: 'KEEPS' }],
    copies.map(({ name, location, required, enabled, retention }) => [
      name,
      location,
      enabled ? (required ? 'yes' : 'no') : 'off',
      retention === null ? 'as the vault' : 'by its own rules',
    ]),
  );
}

function statusText(copies: ResultOf<'copiesStatus'>, nowMs: number): string {
  if (copies.length === 0) return listText(copies);
  const moment = (at: string | null): string => (at === null ? 'never' : momentText(Date.parse(at), nowMs));
  return copies
    .map((copy) =>
      [
        `${copy.name}: ${standing(copy, nowMs)}`,
        factsText([
          ['  place', copy.location],
          ['  copied', moment(copy.copiedAt)],
          [
            '  holds',
            `${countOf(copy.backups, 'backup')}, ${countOf(copy.packs, 'pack')}, ${sizeText(copy.bytes)}`,
          ],
          ['  problem', copy.problem ?? undefined],
        ]),
      ].join('\n'),
    )
    .join('\n\n');
}

function standing(
  { enabled, isRunning, lacks, behindSince }: ResultOf<'copiesStatus'>[number],
  nowMs: number,
): string {
  if (isRunning) return 'being written.';
  if (!enabled) return 'off.';
  if (lacks === null) return 'the vault cannot be asked what it lacks.';
  if (lacks === 0 || behindSince === null) return 'has every backup.';
  return `lacks ${countOf(lacks, 'backup')}, for ${ageText(nowMs - Date.parse(behindSince))}.`;
}
