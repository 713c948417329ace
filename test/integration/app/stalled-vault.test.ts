import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { commandFile } from '../../helpers/command-file.ts';
import { sharedLab } from '../../helpers/command-lab.ts';

const shared = sharedLab();

describe('a vault that does not answer', () => {
  it('ends the command in one sentence, though threads go on hanging in it', async () => {
    const lab = await shared().copy();
    const fifo = path.join(lab.base, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const command = lab.start(['list'], {
      NODE_ENV: 'test',
      TRINITY_BACKUP_TEST_HOOK: path.join(path.dirname(commandFile()), 'stalling-hook.child.js'),
      TRINITY_TEST_FIFO: fifo,
    });
    onTestFinished(() => command.kill('SIGKILL'));
    expect(await command.ended).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: expect.stringMatching(/^The place \S+ has not answered for .+\.\n$/u),
    });
    // Lock and socket of the home were let go of, which took file work of its own.
    expect(await lab.json(['list'])).toEqual([]);
  });
});
