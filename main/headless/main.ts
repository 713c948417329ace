import { exitAtOnce } from '../platform/libc.ts';
import { runCommandLine } from './cli/command-line.ts';

/** What was cancelled on a disk that answers ends in less. */
const lastPatienceMs = 2000;

await runCommandLine(process.argv.slice(2));
// What still goes on was given up: a call to a disk or share that does not answer, here or in a thread, would keep the process.
setTimeout(() => exitAtOnce(Number(process.exitCode ?? 0)), lastPatienceMs).unref();
