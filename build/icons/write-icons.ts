import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type IconSystem, trayIconFile, windowIconFile } from '../../shared/lib/icon-files.ts';
import { type StateShape, stateShape } from '../../shared/model/status.ts';
import { projectFolder } from '../entries.ts';
import { icnsOf, icnsSizes } from './icns.ts';
import { icoOf } from './ico.ts';
import { type Picture, rasterize } from './rasterize.ts';
import { colourInks, templateInk, traySvg } from './tray-svg.ts';

const appSource = path.join(import.meta.dirname, 'app.svg');
/** The one of browsers' tabs: what is left of the other where there is room for one sign only. */
const smallAppSource = path.join(projectFolder, 'renderer/public/icon.svg');
const smallMost = 24;
const icoSizes = [16, 20, 24, 32, 40, 48, 64, 256];
const trayIcoSizes = [16, 20, 24, 32, 40, 48, 64];
const linuxSizes = [16, 24, 32, 48, 64, 128, 256, 512];
const windowSize = 256;
/** macOS's icons leave some of their field free. */
const macMargin = 5;

/** Pixels of the tray's icon, and the names by which Electron finds those for finer screens. Linux's panels take 22 without scaling. */
const linuxTray: Readonly<Record<string, number>> = { '': 22, '@1.5x': 33, '@2x': 44, '@3x': 66 };
const macTray: Readonly<Record<string, number>> = { '': 16, '@2x': 32 };

/** What the application loads itself, into `<distFolder>/icons`. */
export async function writeIcons(distFolder: string): Promise<void> {
  const write = writerInto(distFolder);
  const [window] = await appIn([windowSize]);
  if (window !== undefined) await write(windowIconFile('linux'), window.png);
  await write(windowIconFile('win32'), icoOf(await appIn(icoSizes)));
  for (const shape of stateShape.options) {
    const colour = traySvg(shape, colourInks[shape]);
    await writeScales(write, trayName(shape, 'linux'), colour, linuxTray);
    await writeScales(write, trayName(shape, 'darwin'), traySvg(shape, templateInk), macTray);
    await write(trayIconFile(shape, 'win32'), icoOf(await allSizes(colour, trayIcoSizes)));
  }
}

/** What installers are made with, into `folder`: `app.ico`, `app.icns`, and a folder of sizes for Linux. */
export async function writeInstallerIcons(folder: string): Promise<void> {
  const write = writerInto(folder);
  await write('app.ico', icoOf(await appIn(icoSizes)));
  await write('app.icns', icnsOf(await appIn(icnsSizes, macMargin)));
  for (const { size, png } of await appIn(linuxSizes)) await write(`linux/${size}x${size}.png`, png);
}

type Write = (name: string, bytes: Buffer) => Promise<void>;

function writerInto(folder: string): Write {
  return async (name, bytes) => {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
  };
}

function trayName(shape: StateShape, system: IconSystem): string {
  return trayIconFile(shape, system).replace(/\.png$/u, '');
}

async function writeScales(
  write: Write,
  name: string,
  svg: string,
  scales: Readonly<Record<string, number>>,
): Promise<void> {
  for (const [scale, size] of Object.entries(scales)) {
    await write(`${name}${scale}.png`, (await rasterize(svg, size)).png);
  }
}

async function allSizes(svg: string, sizes: readonly number[]): Promise<readonly Picture[]> {
  return await Promise.all(sizes.map(async (size) => await rasterize(svg, size)));
}

/** The application's icon in each size, with so much of its field of 64 left free around it. */
async function appIn(sizes: readonly number[], margin = 0): Promise<readonly Picture[]> {
  const [large, small] = await Promise.all(
    [appSource, smallAppSource].map(async (file) => await readFile(file, 'utf8')),
  );
  const field = [-margin, -margin, 64 + 2 * margin, 64 + 2 * margin].join(' ');
  return await Promise.all(
    sizes.map(async (size) => {
      const svg = (size <= smallMost ? small : large) ?? '';
      return await rasterize(svg.replace('viewBox="0 0 64 64"', `viewBox="${field}"`), size);
    }),
  );
}
