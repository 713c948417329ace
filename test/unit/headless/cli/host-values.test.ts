import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askHostValues, askLine, givenHostValues } from '../../../../main/headless/cli/host-values.ts';

describe('givenHostValues', () => {
  it('takes what stands behind the first =, the last one given', async () => {
    const set = [
      'FRONTEND_PORT=80',
      'FRONTEND_URL=https://new.example/?a=b',
      'FRONTEND_PORT=8081',
      'DOCKER_GID=',
    ];
    const values = { FRONTEND_PORT: '8081', FRONTEND_URL: 'https://new.example/?a=b', DOCKER_GID: '' };
    expect(await givenHostValues({ set })).toEqual(values);
    expect(await givenHostValues({})).toEqual({});
  });

  it('refuses what is no assignment, and a secret in the command, which it does not repeat', async () => {
    for (const set of [['FRONTEND_PORT'], ['=80'], ['']])
      await expect(givenHostValues({ set })).rejects.toMatchObject({ kind: 'usage' });
    const secret = givenHostValues({ set: ['DATABASE_URL=postgresql://trinity:hunter2@db/trinity'] });
    await expect(secret).rejects.toThrow(/^DATABASE_URL holds a password.*--env-file\.$/u);
  });
});

describe('askLine', () => {
  it('gives what is typed until Enter', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const answer = askLine('FRONTEND_PORT: ', new AbortController().signal, { input, output });
    input.write('80');
    input.write('81\nmore');
    expect([await answer, String(output.read())]).toEqual(['8081', 'FRONTEND_PORT: ']);
  });

  it('is cancelled by the end of the input, and by the signal', async () => {
    const ended = new PassThrough();
    const atEnd = askLine('? ', new AbortController().signal, { input: ended, output: new PassThrough() });
    ended.end();
    await expect(atEnd).rejects.toMatchObject({ kind: 'cancelled' });
    const cancel = new AbortController();
    const places = { input: new PassThrough(), output: new PassThrough() };
    const aborted = askLine('? ', cancel.signal, places);
    cancel.abort();
    await expect(aborted).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(askLine('? ', cancel.signal, places)).rejects.toMatchObject({ kind: 'cancelled' });
  });
});

describe('askHostValues', () => {
  it('asks for what was not given, hides what is secret, and keeps the old value on Enter', async () => {
    const asked: (readonly [string, boolean])[] = [];
    const answers = ['', 'postgresql://trinity:hunter2@db/trinity', '999'];
    const known = [
      { key: 'FRONTEND_PORT', value: '80' },
      { key: 'FRONTEND_URL', value: 'https://old.example' },
      { key: 'DATABASE_URL', value: null },
      { key: 'DOCKER_GID', value: '998' },
    ];
    const typed = await askHostValues(known, { FRONTEND_PORT: '8081' }, async (question, hidden) => {
      asked.push([question, hidden]);
      return await Promise.resolve(answers.shift() ?? 'too many');
    });
    expect(typed).toEqual({ DATABASE_URL: 'postgresql://trinity:hunter2@db/trinity', DOCKER_GID: '999' });
    expect(asked).toEqual([
      ['FRONTEND_URL (Enter keeps https://old.example): ', false],
      ['DATABASE_URL (Enter keeps it): ', true],
      ['DOCKER_GID (Enter keeps 998): ', false],
    ]);
  });
});
