import process from 'node:process';
import { rehearseDump } from '../../../../main/backup/drill/rehearse-dump.ts';
import { installOf } from './dump-lab.ts';

// Rehearses a dump and dies by SIGKILL at the step that is named: <home> <place as JSON> <folder of the dump> <step>.
const [home = '', place = '', folder = '', deadlyStep = ''] = process.argv.slice(2);
const install = installOf(JSON.parse(place));
await rehearseDump(
  { home, readInstall: async () => await Promise.resolve(install) },
  folder,
  new AbortController().signal,
  {
    beforeStep: (step) => {
      if (step === deadlyStep) process.kill(process.pid, 'SIGKILL');
    },
  },
);
