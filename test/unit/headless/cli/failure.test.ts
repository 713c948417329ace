import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../../main/headless/cli/failure.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';

describe('failureOf', () => {
  it('tells an AppError by its own sentence and exit code', () => {
    const error = new AppError('busy', 'A backup is running: wait for it.');
    expect(failureOf(error)).toEqual({
      kind: 'busy',
      message: 'A backup is running: wait for it.',
      exitCode: 4,
    });
  });

  it('makes one sentence of what commander says', () => {
    const error = new CommanderError(
      1,
      'commander.unknownOption',
      "error: unknown option '--x'\n(Did you mean --y?)",
    );
    expect(failureOf(error, 'trinity-backup list')).toEqual({
      kind: 'usage',
      message: "Unknown option '--x' (Did you mean --y?): see trinity-backup list --help.",
      exitCode: 2,
    });
  });

  it('says whose file may not be read, and what to do', () => {
    const denied = Object.assign(new Error("EACCES: permission denied, open '/home/a/x'"), {
      code: 'EACCES',
      path: '/home/a/x',
    });
    expect(failureOf(denied).message).toMatch(/^\/home\/a\/x may not be read .*: run this as .*\.$/);
  });

  it('says that a disk is full, and keeps anything else on one line', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(failureOf(full).message).toMatch(/^A disk is full: .*\.$/);
    expect(failureOf(new Error('one\n  two')).message).toBe('Something unexpected happened: one two');
  });
});
