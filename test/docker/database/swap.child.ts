import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { stageDatabase } from '../../../main/backup/databases/stage-database.ts';
import { OpenJournal } from '../../../main/backup/restore/swap/journal.ts';
import { finishRestore, swapAll } from '../../../main/backup/restore/restore-end.ts';
import { readArchive } from '../../../main/trinity/postgres/read-archive.ts';
import { stagedDump } from './staged-dump.ts';

// Puts a dump in the place of the live database and dies by SIGKILL at the step that is named: <home> <place as JSON> <dump> <step>.
const [home = '', place = '', file = '', deadlyStep = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const beforeStep = (step: string): void => {
  if (step.startsWith(deadlyStep)) process.kill(process.pid, 'SIGKILL');
};
const begun = { restoreId: randomBytes(6).toString('hex'), backupId: 'b'.repeat(12) };
const journal = await OpenJournal.begin(home, { ...begun, startedAt: new Date().toISOString() });
const archive = await readArchive(file, { signal });
await stageDatabase(journal, stagedDump(JSON.parse(place), { file, archive }), signal);
beforeStep('staged');
await journal.update({ phase: 'swapping' });
await swapAll(journal, { beforeStep });
await finishRestore(journal, { beforeStep });
