import { describe, expect, it } from 'vitest';
import { answerError, connectionError, shownText } from '../../../../main/trinity/docker/engine-error.ts';

const doing = { doing: 'pause the container agent-echo', url: 'unix:///run/docker.sock' };

describe('errors of an engine', () => {
  it('keeps what the engine said to one bounded line without control characters', () => {
    const said = shownText(JSON.stringify({ message: `a\u001B[31m\n\tb${'x'.repeat(5000)}` }), []);
    expect(said.startsWith('a [31m bxxx')).toBe(true);
    expect(said.length).toBeLessThan(310);
  });

  it('never repeats a secret that the engine repeats, also where the text is cut', () => {
    const secret = 's3cret'.repeat(30);
    const text = JSON.stringify({ message: `invalid variable: ${'y'.repeat(200)}PASSWORD=${secret}` });
    expect(shownText(text, [secret])).not.toContain('s3cret');
  });

  it('branches by status, and says it in one sentence with what to do', () => {
    const kinds = [403, 404, 409, 500].map((status) => answerError(status, 'because', doing).kind);
    expect(kinds).toEqual(['refused', 'not-found', 'busy', 'failed']);
    expect(answerError(409, '{"message":"it is paused."}', doing).message).toBe(
      'Docker could not pause the container agent-echo: it is paused. Wait until it is free, then try again.',
    );
  });

  it('tells a full disk of the engine from other failures', () => {
    const full = answerError(500, '{"message":"write /x: no space left on device"}', doing);
    expect(full.details).toMatchObject({ engineDiskFull: true });
    expect(full.message).toContain('disk of the Docker engine is full');
  });

  it.each([
    ['EACCES', 'group docker'],
    ['ENOENT', 'No Docker engine answers'],
    ['ECONNREFUSED', 'No Docker engine answers'],
    ['ECONNRESET', 'went away'],
  ])('says of %s what to do', (code, text) => {
    const error = connectionError(Object.assign(new Error('connect'), { code }), doing);
    expect(error.kind).toBe('unavailable');
    expect(error.message).toContain(text);
    expect(error.details['engineForbidden'] === true).toBe(code === 'EACCES');
  });
});
