import { describe, expect, it } from 'vitest';
import { unneededFolders } from '../../../../build/package/locked-packages.ts';

const lock = {
  packages: {
    '': { dependencies: { used: '1', bundled: '1' } },
    'node_modules/used': {
      dependencies: { shared: '1' },
      optionalDependencies: { native: '1', absent: '1' },
    },
    'node_modules/used/node_modules/shared': { dependencies: { deep: '1' } },
    'node_modules/shared': { dependencies: { 'only-bundled': '1' } },
    'node_modules/native': {},
    'node_modules/deep': {},
    'node_modules/bundled': { dependencies: { shared: '1', '@scope/own': '1' } },
    'node_modules/only-bundled': {},
    'node_modules/@scope/own': {},
    'node_modules/tool': { dev: true },
  },
};

describe('packages that need not be shipped', () => {
  it('are those which nothing wanted leads to, with the version that Node would find for it', () => {
    expect(unneededFolders(lock, ['used'])).toEqual([
      'node_modules/shared',
      'node_modules/bundled',
      'node_modules/only-bundled',
      'node_modules/@scope/own',
    ]);
  });

  it('are none when all are wanted', () => {
    expect(unneededFolders(lock, ['used', 'bundled'])).toEqual([]);
  });
});
