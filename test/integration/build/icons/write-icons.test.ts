import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { rasterize } from '../../../../build/icons/rasterize.ts';
import { templateInk, traySvg } from '../../../../build/icons/tray-svg.ts';
import { writeIcons, writeInstallerIcons } from '../../../../build/icons/write-icons.ts';
import { type IconSystem, trayIconFile, windowIconFile } from '../../../../shared/lib/icon-files.ts';
import { stateShape } from '../../../../shared/model/status.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const systems: readonly IconSystem[] = ['darwin', 'linux', 'win32'];
const pixels = 16;
/** Of all pixels of the field; the two most alike, check and pause, differ in 7 of 100. */
const leastDifference = 0.05;

async function opacityOf(shape: (typeof stateShape.options)[number]): Promise<readonly number[]> {
  const picture = await rasterize(traySvg(shape, templateInk), pixels);
  return [...picture.pixels].filter((_, index) => index % 4 === 3);
}

describe('the icons', () => {
  it('are there for each shape on each system, under the names that the application asks for', async () => {
    const folder = await tempFolder();
    await writeIcons(folder);
    const there = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll(path.sep, '/'));
    const asked = systems.flatMap((system) => [
      windowIconFile(system),
      ...stateShape.options.map((shape) => trayIconFile(shape, system)),
    ]);
    expect(asked.filter((name) => !there.includes(name))).toEqual([]);
    expect(there).toContain('icons/tray/ringTemplate@2x.png');
    expect(there).toContain('icons/tray/ring@2x.png');
  });

  it('are told apart by their outline alone, at the smallest size', async () => {
    const outlines = await Promise.all(stateShape.options.map(opacityOf));
    const alike: unknown[] = [];
    for (const [index, outline] of outlines.entries()) {
      for (const [other, compared] of outlines.entries()) {
        if (other <= index) continue;
        const difference = outline.reduce((sum, value, at) => sum + Math.abs(value - (compared[at] ?? 0)), 0);
        const share = difference / 255 / pixels ** 2;
        if (share < leastDifference) alike.push([stateShape.options[index], stateShape.options[other]]);
      }
    }
    expect(alike).toEqual([]);
  });

  it('are there for the installers of each system', async () => {
    const folder = await tempFolder();
    await writeInstallerIcons(folder);
    const there = await readdir(folder, { recursive: true });
    expect(there).toEqual(expect.arrayContaining(['app.ico', 'app.icns', path.join('linux', '512x512.png')]));
  });
});
