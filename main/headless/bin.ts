#!/usr/bin/env node
import { createRequire } from 'node:module';

const neededMajor = 24;
const require = createRequire(import.meta.url);

// Before the first file is used: a call to a dead share holds one of Node's threads, four unless more are asked for, and all file
// work stops when none is left.
process.env['UV_THREADPOOL_SIZE'] ??= '16';
// The only static import here is one that every Node has: on an old one, this file must get as far as running.
if (Number.parseInt(process.versions.node, 10) < neededMajor) continueInNeededNode();
await import('./main.ts');

/** Goes on in the project's own Node (package `node`) as the same process: signals and locks stay where they belong. */
function continueInNeededNode(): never {
  let problem = 'the package "node" cannot be started';
  try {
    replaceProcess(require.resolve('node/bin/node'));
  } catch (error) {
    if (error instanceof Error) problem = error.message.split('\n')[0] ?? problem;
  }
  process.stderr.write(
    `Run this with Node ${neededMajor} or newer, this is ${process.version} (${problem}).\n`,
  );
  process.exit(1);
}

/** Returns only when it did not work. */
function replaceProcess(node: string): void {
  const libc = require('koffi').load(null);
  const fcntl = libc.func('int fcntl(int fd, int command, int value)');
  const execv = libc.func('int execv(const char *path, const char **arguments)');
  const setFlags = 2;
  // Node marks its own stdio to be closed in whatever replaces it.
  for (const fd of [0, 1, 2]) fcntl(fd, setFlags, 0);
  execv(node, [node, ...process.execArgv, ...process.argv.slice(1), null]);
}
