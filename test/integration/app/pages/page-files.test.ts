import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { PageFiles } from '../../../../main/app/pages/page-files.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

async function built(): Promise<PageFiles> {
  const base = await tempFolder();
  const folder = path.join(base, 'renderer');
  mkdirSync(path.join(folder, 'assets'), { recursive: true });
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(path.join(folder, 'assets/index.js'), 'go()');
  writeFileSync(path.join(base, 'secret'), 'secret');
  const files = await PageFiles.open(folder);
  writeFileSync(path.join(folder, 'later.html'), 'later');
  return files;
}

const ask = async (files: PageFiles, url: string, method = 'GET') => await files.answer({ url, method });

describe('PageFiles', () => {
  it('gives out the built pages, under their policy', async () => {
    const files = await built();
    const page = await ask(files, 'app://trinity/#/restore');
    expect([page.status, Buffer.from(page.body).toString()]).toEqual([200, '<!doctype html>']);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining(
        "default-src 'none'; script-src 'self'; style-src 'self'",
      ),
      'x-content-type-options': 'nosniff',
    });
    const script = await ask(files, 'app://trinity/assets/index.js?v=1');
    expect([script.status, script.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
  });

  it.each([
    'app://trinity/../secret',
    'app://trinity/..%2fsecret',
    'app://trinity/%2e%2e/secret',
    'app://trinity/%2e%2e%2fsecret',
    'app://trinity/assets/..%5c..%5csecret',
    'app://trinity//etc/passwd',
    'app://trinity/assets/',
    'app://trinity/assets',
    'app://trinity/later.html',
    'app://trinity/index.html%00.js',
    'app://other/index.html',
    'file:///etc/passwd',
    'no address',
  ])('gives nothing for %s', async (url) => {
    const answer = await ask(await built(), url);
    expect([answer.status, answer.body.length]).toEqual([404, 0]);
  });

  it('takes nothing', async () => {
    expect((await ask(await built(), 'app://trinity/', 'POST')).status).toBe(405);
  });
});
