import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { typedLine } from '../../../../main/headless/cli/ask-hidden.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';

const goesOn = new AbortController().signal;

describe('typedLine', () => {
  it('takes what is typed until Enter, without what was taken back', async () => {
    const terminal = new PassThrough();
    const line = typedLine(terminal, goesOn);
    for (const typed of ['pass', 'x\u007F', 'wörd\r', 'more']) terminal.write(typed);
    expect(await line).toBe('passwörd');
    expect(terminal.eventNames()).not.toContain('data');
  });

  it.each<readonly [string, (terminal: PassThrough, cancel: AbortController) => void]>([
    ['Ctrl-C', (terminal) => void terminal.write('secret\u0003')],
    ['Ctrl-D', (terminal) => void terminal.write('\u0004')],
    ['the signal', (_, cancel) => cancel.abort()],
    ['a terminal that ends', (terminal) => void terminal.end('half a passphrase')],
    ['a terminal that fails', (terminal) => void terminal.destroy(new Error('read EIO'))],
    ['a terminal that is closed', (terminal) => void terminal.destroy()],
  ])('is cancelled by %s', async (_, happens) => {
    const terminal = new PassThrough();
    const cancel = new AbortController();
    const line = rejectionOf(typedLine(terminal, cancel.signal));
    happens(terminal, cancel);
    expect(await line).toMatchObject({ kind: 'cancelled' });
  });

  it('is cancelled at once, where that was done before', async () => {
    const line = typedLine(new PassThrough(), AbortSignal.abort());
    expect(await rejectionOf(line)).toMatchObject({ kind: 'cancelled' });
  });
});
