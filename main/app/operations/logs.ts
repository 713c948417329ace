import { type LogLine, logQuestion } from '../../../shared/model/log.ts';
import { readLogs } from '../logs/read-logs.ts';
import { operation } from '../operation.ts';

/** The newest lines of the log of this home, newest first. */
export const logs = operation(
  logQuestion,
  async ({ home }, question): Promise<readonly LogLine[]> => await readLogs(home.logFolder, question),
);
