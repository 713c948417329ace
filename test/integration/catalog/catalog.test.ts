import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Catalog, type Run } from '../../../main/catalog/catalog.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

function run(change: Partial<Run>): Run {
  return {
    operation: 'backup',
    startedMs: 1,
    finishedMs: 2,
    outcome: 'succeeded',
    failedSources: [],
    ...change,
  };
}

describe('Catalog', () => {
  it('remembers runs, newest first, over a restart', async () => {
    const file = path.join(await tempFolder(), 'catalog.sqlite');
    const failed = run({ outcome: 'failed', message: 'No room.', failedSources: ['files'] });
    {
      using catalog = await Catalog.open(file);
      catalog.recordRun(run({ backupId: '0123456789ab' }));
      catalog.recordRun(run({ operation: 'drill' }));
      catalog.recordRun(failed);
    }
    using catalog = await Catalog.open(file);
    expect(catalog.runs(10, 'backup')).toEqual([failed, run({ backupId: '0123456789ab' })]);
    expect(catalog.runs(2).map((one) => one.operation)).toEqual(['backup', 'drill']);
  });

  it('sets an unreadable file aside and begins anew', async () => {
    const folder = await tempFolder();
    const file = path.join(folder, 'catalog.sqlite');
    await writeFile(file, 'HTTP/1.1 502 Bad Gateway'.repeat(100));
    using catalog = await Catalog.open(file);
    expect(catalog.runs(1)).toEqual([]);
    expect(await readdir(folder)).toContain('catalog.sqlite.unreadable');
  });

  it('begins anew when the file was deleted', async () => {
    const file = path.join(await tempFolder(), 'catalog.sqlite');
    (await Catalog.open(file))[Symbol.dispose]();
    await rm(file);
    using catalog = await Catalog.open(file);
    expect(catalog.runs(1)).toEqual([]);
  });
});
