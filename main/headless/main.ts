import { exitAtOnce } from '../platform/libc.ts';
import { runCommandLine } from './cli/command-line.ts';

/** A thread that ends well takes less. */
const graceMs = 1000;

await runCommandLine(process.argv.slice(2));
// Whatever goes on now was given up: a call to a disk or share that does not answer would keep the process for ever.
setTimeout(() => exitAtOnce(Number(process.exitCode ?? 0)), graceMs).unref();
