import type { Command } from 'commander';
import { countOf } from '../../../../shared/lib/size-text.ts';
import type { ResultOf } from '../../../app/operations/operations.ts';
import { findingsText } from '../output/findings.ts';
import { type Act, withWarnings } from './act.ts';

export function addQuietStartCommand(program: Command, act: Act): void {
  program
    .command('end-quiet-start')
    .description('turn on the schedules and waiting runs that a restore has turned off')
    .action(
      act(async (host) => {
        const ended = await host.run('endQuietStart', {});
        host.terminal.print(ended, () => endedText(ended));
        return ended.warnings.length > 0 ? withWarnings : 0;
      }),
    );
}

function endedText(ended: ResultOf<'endQuietStart'>): string {
  const { backupId, schedules, runs } = ended;
  if (backupId === null) return 'No restore has left anything off.';
  const done = `${countOf(schedules, 'schedule')} and ${countOf(runs, 'waiting run')} are on again.`;
  return [done, ...findingsText(ended)].join('\n');
}
