import path from 'node:path';
import { z } from 'zod';
import { operation } from '../../operation.ts';

export type Sample = Readonly<{ installFolder: string; volumesRoot: string }>;

/** A sample install in a new folder of the home: all can be tried on it, and nothing of the operator's is touched. */
export const setupSample = operation(z.strictObject({}), async (engine): Promise<Sample> => {
  const { writeSampleInstall } = await import('../../../trinity/sample/write-sample.ts');
  const folder = path.join(engine.home.folder, `sample-${String(engine.now())}`);
  return await writeSampleInstall(folder, { size: 'small', seed: 'demo' });
});
