import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { threadEntry } from '../../../main/platform/thread-entry.ts';
import { startChild } from '../../helpers/child-process.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

describe('exitAtOnce', () => {
  it('ends the process with its code while a thread hangs in the system, where exit would wait for that', async () => {
    const fifo = join(await tempFolder(), 'fifo');
    execFileSync('mkfifo', [fifo]);
    const child = startChild(threadEntry(import.meta.url, './hanging-thread.child.ts'), [fifo]);
    expect(await child.line()).toBe('ending');
    expect(await child.outcome()).toEqual({ code: 6, signal: null, stderr: '' });
  });
});
