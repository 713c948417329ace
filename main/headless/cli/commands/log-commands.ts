import type { Command } from 'commander';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { momentText } from '../../../../shared/lib/time-text.ts';
import { logLevel } from '../../../../shared/model/log.ts';
import type { ResultOf } from '../../../app/operations/operations.ts';
import { absolutePath } from '../arguments.ts';
import type { CommandHost } from '../command-host.ts';
import type { Act, CommandOptions } from './act.ts';

const usualLines = 50;

/** Activity in words, the log behind it. */
export function addLogCommands(program: Command, act: Act): void {
  program
    .command('activity')
    .description('what happened, in words, newest first')
    .option('--limit <number>', 'how many at most', String(usualLines))
    .action(
      act(async (host, options) => {
        const { events } = await host.run('events', { limit: limitOf(options), filter: {} });
        host.terminal.print(events, () => activityText(events, Date.now()));
      }),
    );
  program
    .command('logs')
    .description('the log of this home, newest first, without secrets')
    .option('--limit <number>', 'how many lines at most', String(usualLines))
    .option('--level <level>', 'this one and worse: debug, info, warn, error', 'info')
    .action(act(logs));
  program
    .command('support-bundle')
    .description('versions, settings, state, history and logs in one file, without secrets')
    .requiredOption('--output <file>', 'a new zip file, which only you can read')
    .action(
      act(async (host, options) => {
        const output = absolutePath('--output', options.output ?? '');
        const bundle = await host.run('supportBundle', { output });
        host.terminal.print(bundle, () => `${bundle.output} is written. Look into it before you hand it on.`);
      }),
    );
}

async function logs(host: CommandHost, options: CommandOptions): Promise<void> {
  const level = logLevel.safeParse(options.level);
  if (!level.success) throw new AppError('usage', 'Choose --level debug, info, warn or error.');
  const lines = await host.run('logs', { limit: limitOf(options), level: level.data });
  host.terminal.print(lines, () => logText(lines));
}

function limitOf({ limit }: CommandOptions): number {
  const number = Number(limit);
  if (Number.isInteger(number) && number >= 1 && number <= 1000) return number;
  throw new AppError('usage', 'Choose --limit 1 to --limit 1000.');
}

function activityText(events: ResultOf<'events'>['events'], nowMs: number): string {
  if (events.length === 0) return 'Nothing has happened yet.';
  return events.map(({ atMs, words }) => `${momentText(atMs, nowMs).padEnd(16)}  ${words}`).join('\n');
}

function logText(lines: ResultOf<'logs'>): string {
  if (lines.length === 0) return 'Nothing is logged yet.';
  return lines
    .map(({ atMs, level, part, message, fields }) => {
      const more = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      return [new Date(atMs).toISOString(), level.padEnd(5), part, message, ...more].join('  ');
    })
    .join('\n');
}
