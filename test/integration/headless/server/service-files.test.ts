import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../../../build/entries.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const folder = path.join(projectFolder, 'docs/service');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe('the unit of systemd', () => {
  it.skipIf(!hasSystemd)('is one that systemd takes without a word', async () => {
    const unit = readFileSync(path.join(folder, 'trinity-backup.service'), 'utf8');
    const file = path.join(await tempFolder(), 'trinity-backup.service');
    // The command is not installed here, and Docker need not be.
    const here = unit
      .replace('/usr/local/bin/trinity-backup', process.execPath)
      .replaceAll('docker.service', 'sysinit.target');
    writeFileSync(file, here);
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
      encoding: 'utf8',
    });
    expect({
      status,
      said: `${stdout}${stderr}`.split('\n').filter((line) => line.includes('trinity-backup')),
    }).toEqual({ status: 0, said: [] });
  });
});

describe('the agent of launchd', () => {
  it('starts the command and is well formed', () => {
    const text = readFileSync(path.join(folder, 'org.trinity-backup.serve.plist'), 'utf8');
    const open: string[] = [];
    for (const [, slash, name = '', own] of text
      .replaceAll(/<!--.*?-->|<[?!][^>]*>/gsu, '')
      .matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/gu)) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else if (own !== '/') open.push(name);
    }
    expect(open).toEqual([]);
    expect(text).toMatch(/<string>\/usr\/local\/bin\/trinity-backup<\/string>\s*<string>serve<\/string>/);
  });
});
