import type { Command } from 'commander';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { momentText } from '../../../../shared/lib/time-text.ts';
import { sinkName } from '../../../../shared/model/notice.ts';
import type { ResultOf } from '../../../app/operations/operations.ts';
import type { CommandHost } from '../command-host.ts';
import { tableText } from '../output/table.ts';
import { mailPassword } from '../secrets.ts';
import type { Act, CommandOptions } from './act.ts';

export function addNoticeCommands(program: Command, act: Act): void {
  const notices = program.command('notices').description('who is told when something is wrong, and of what');
  notices
    .command('list')
    .description('the notices that stand now, and the ways in which they are told')
    .action(
      act(async (host) => {
        const list = await host.run('notices', {});
        host.terminal.print(list, () => noticesText(list, Date.now()));
      }),
    );
  notices
    .command('test')
    .description('send a test')
    .argument('<way>', 'webhook, mail or queue')
    .action(act(test));
  notices
    .command('pause')
    .description('say nothing more of one notice for a time')
    .argument('<key>', 'as list shows it')
    .option('--hours <number>', 'for how long', '24')
    .action(act(pause));
  notices
    .command('mail-password')
    .description('keep the password of the mail server, sealed')
    .option('--password-file <file>', 'its first line is the password; - reads stdin')
    .option('--forget', 'forget it')
    .action(act(keepPassword));
}

async function test(host: CommandHost, _options: CommandOptions, [way]: readonly string[]): Promise<void> {
  const sink = sinkName.exclude(['tray']).safeParse(way);
  if (!sink.success) throw new AppError('usage', 'Choose webhook, mail or queue.');
  const sent = await host.run('noticesTest', { sink: sink.data });
  host.terminal.print(sent, () => 'The test has arrived.');
}

async function pause(
  host: CommandHost,
  options: CommandOptions,
  [key = '']: readonly string[],
): Promise<void> {
  const hours = Number(options.hours);
  if (!(hours >= 1 && hours <= 8760)) throw new AppError('usage', 'Choose --hours 1 to --hours 8760.');
  const result = await host.run('noticesPause', { key, hours });
  host.terminal.print(
    result,
    () => `You are told again after ${options.hours ?? ''} hours, if it is still so.`,
  );
}

async function keepPassword(host: CommandHost, options: CommandOptions): Promise<void> {
  const password = options.forget === true ? null : await mailPassword(host, options.passwordFile);
  const result = await host.run('mailPassword', { password });
  host.terminal.print(result, () => (result.isKept ? 'The password is kept.' : 'The password is forgotten.'));
}

function noticesText({ notices, sinks }: ResultOf<'notices'>, nowMs: number): string {
  const standing = notices.map(({ key, title, body, sinceMs, pausedUntilMs }) => {
    const pausedText = pausedUntilMs === null ? '' : ', paused';
    return `${title} (${key}, ${momentText(sinceMs, nowMs)}${pausedText})\n  ${body}`;
  });
  const table = tableText(
    [{ title: 'WAY' }, { title: 'STATE' }, { title: 'LAST' }],
    sinks.map(({ name, isOn, reason, lastAtMs, lastProblem, waiting }) => [
      name,
      isOn ? (waiting > 0 ? `on, ${String(waiting)} waiting` : 'on') : `off: ${reason ?? ''}`,
      lastAtMs === undefined ? '' : `${momentText(lastAtMs, nowMs)}: ${lastProblem ?? 'arrived'}`,
    ]),
  );
  return [standing.length === 0 ? 'Nothing is wrong.' : standing.join('\n'), table].join('\n\n');
}
