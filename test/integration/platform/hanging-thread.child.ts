import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { exitAtOnce } from '../../../main/platform/libc.ts';

// hanging-thread <fifo>: one of its threads hangs in opening the fifo, which nobody will write to, when it ends.
void open(process.argv[2] ?? '', 'r');
await delay(50);
process.stdout.write('ending\n', () => exitAtOnce(6));
