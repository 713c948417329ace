import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../../../build/entries.ts';
import { packageConfig } from '../../../../build/package/config.ts';

const config = packageConfig({ dist: 'dist', icons: 'icons', output: 'output' });

describe('the installers', () => {
  it('are those that each system is promised', () => {
    const { linux, win, mac } = config;
    expect([linux?.target, win?.target, mac?.target]).toEqual([['AppImage', 'deb'], ['nsis'], ['dmg']]);
  });

  it('are all handed on by the workflow', () => {
    const workflow = readFileSync(path.join(projectFolder, '.github/workflows/build.yml'), 'utf8');
    const handedOn = [...workflow.matchAll(/build\/out\/packages\/\*\.(\w+)/gu)].map(([, ending]) => ending);
    expect(new Set(handedOn)).toEqual(new Set(['AppImage', 'deb', 'dmg', 'exe']));
  });
});
