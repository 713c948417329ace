import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { version } from '../../../main/platform/version.ts';
import { commandFile } from '../../helpers/command-file.ts';

/** Run by Node before the command: says that it is Node 20 the first time, its process id the second time. */
const pretendToBeOld = `data:text/javascript,
  if (process.env.TEST_SEEN) console.error('pid', process.pid);
  else Object.defineProperty(process.versions, 'node', { value: '20.0.0' });
  process.env.TEST_SEEN = '1';`;

describe('the command on a Node that is too old', () => {
  it('is read by it at least: no syntax in it is younger than Node 20', () => {
    expect(readFileSync(commandFile(), 'utf8')).not.toMatch(/^\s*(?:await )?using \w/mu);
  });

  it('goes on in the project’s Node as the same process', async () => {
    const child = spawn(
      process.execPath,
      ['--import', encodeURI(pretendToBeOld), commandFile(), '--version'],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const output = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect(await output).toEqual([`${version}\n`, `pid ${child.pid}\n`, [0, null]]);
  });
});
