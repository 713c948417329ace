import path from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { allRuns } from '../../../../main/app/history/all-runs.ts';
import { Catalog } from '../../../../main/catalog/catalog.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

it('all runs are told newest first, also beside those that only a newer program understands', async () => {
  const file = path.join(await tempFolder(), 'catalog.sqlite');
  {
    using catalog = Catalog.open(file);
    const runs = Array.from({ length: 1203 }, (_, index) => ({
      operation: index % 3 === 0 ? 'drill' : 'backup',
      startedMs: index + 1,
      finishedMs: index + 1,
      outcome: 'succeeded' as const,
      failedSources: [],
    }));
    catalog.addRebuilt(runs);
  }
  const newer = new Database(file);
  newer.exec("UPDATE runs SET outcome = 'paused' WHERE startedMs IN (1000, 2)");
  newer.close();
  using catalog = Catalog.open(file);
  const expected = Array.from({ length: 1203 }, (_, index) => 1203 - index).filter(
    (ms) => ms !== 1000 && ms !== 2,
  );
  expect((await allRuns(catalog)).map(({ startedMs }) => startedMs)).toEqual(expected);
  const drills = await allRuns(catalog, { operation: 'drill' });
  expect(drills).toHaveLength(400);
});
