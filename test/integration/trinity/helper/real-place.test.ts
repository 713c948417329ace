import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { realPlace } from '../../../../main/trinity/helper/real-place.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

describe('realPlace', () => {
  it('says in which folder a file really is, through links of links', async () => {
    const base = realpathSync(await tempFolder());
    for (const name of ['checkout', 'secrets']) mkdirSync(path.join(base, name));
    const checkout = path.join(base, 'checkout');
    writeFileSync(path.join(base, 'secrets/prod.env'), 'A=1');
    symlinkSync('prod.env', path.join(base, 'secrets/current'));
    symlinkSync('../secrets/current', path.join(checkout, '.env'));
    writeFileSync(path.join(checkout, 'plain'), 'plain');
    expect(await realPlace(checkout, '.env')).toEqual({
      folder: path.join(base, 'secrets'),
      file: 'prod.env',
    });
    expect(await realPlace(checkout, 'plain')).toEqual({ folder: checkout, file: 'plain' });
  });

  it('knows none for what is not there, and for links that lead nowhere or in a circle', async () => {
    const base = await tempFolder();
    symlinkSync('nowhere/at/all', path.join(base, 'dangling'));
    symlinkSync('circle', path.join(base, 'circle'));
    for (const name of ['absent', 'dangling', 'circle']) expect(await realPlace(base, name)).toBeUndefined();
  });
});
