import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, stat } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { extractAll, extractFile, listPackage } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { desktopEntry, findProductEntries, findThreadEntries, preloadEntry } from '../../../build/entries.ts';
import { writeIcons, writeInstallerIcons } from '../../../build/icons/write-icons.ts';
import { makePackage } from '../../../build/package/make-package.ts';
import { writeElectronStandIn } from '../../helpers/electron-stand-in.ts';
import { removeFolder } from '../../helpers/temp-folder.ts';

/** As `npm run build` makes it; the stand-in lies beside it in the folder of the tier. */
const built = [
  ...[...findProductEntries(), desktopEntry].map(({ name }) => `${name}.js`),
  `${preloadEntry.name}.cjs`,
  'renderer',
];
const mostMegabytes = 20;
const system = `${process.platform}-${process.arch}`;

let base = '';
let resources = '';
let files: readonly string[] = [];

/** One file of the archive. */
function read(name: string): Buffer {
  return extractFile(path.join(resources, 'app.asar'), name);
}

function bundles(): readonly string[] {
  return files.filter((name) => /^dist\/[^/]+\.c?js$/u.test(name));
}

describe.runIf(process.platform === 'linux')('the package of the desktop application', () => {
  beforeAll(async () => {
    base = await mkdtemp(path.join(tmpdir(), 'trinity-package-'));
    const folders = {
      dist: path.join(base, 'dist'),
      icons: path.join(base, 'icons'),
      output: path.join(base, 'output'),
      electron: path.join(base, 'electron'),
    };
    for (const name of built) {
      await cp(path.join(inject('productFolder'), name), path.join(folders.dist, name), { recursive: true });
    }
    await Promise.all([
      writeIcons(folders.dist),
      writeInstallerIcons(folders.icons),
      writeElectronStandIn(folders.electron),
    ]);
    await makePackage(folders, true);
    resources = path.join(folders.output, `${process.platform}-unpacked`, 'resources');
    const listed = listPackage(path.join(resources, 'app.asar'), { isPack: false });
    const isFolder = (name: string): boolean => listed.some((other) => other.startsWith(`${name}/`));
    files = listed.filter((name) => !isFolder(name)).map((name) => name.slice(1));
  });

  afterAll(async () => await removeFolder(base));

  it('holds the build and what it imports, and nothing else', () => {
    const others = files.filter((name) => !/^(?:package\.json$|dist\/|node_modules\/)/u.test(name));
    expect(others).toEqual([]);
    const inBuild = files.filter((name) => name.startsWith('dist/') && !bundles().includes(name));
    const known =
      /^dist\/(?:icons\/(?:tray\/)?[\w@.]+\.(?:png|ico)|renderer\/(?:index\.html|icon\.svg|assets\/[\w.-]+\.(?:js|css)))$/u;
    expect(inBuild.filter((name) => !known.test(name))).toEqual([]);
    expect(files).not.toContain('dist/trinity-backup.js');
    const sources = /\.(?:[cm]?ts|tsx|map|c|cc|h|gyp)$|(?:^|\/)(?:test|tests|\.[^/]+)\//u;
    expect(files.filter((name) => sources.test(name))).toEqual([]);
    // Bundled packages are not there a second time.
    expect(files.filter((name) => /^node_modules\/(?:zod|@aws-sdk|fastify|react)\//u.test(name))).toEqual([]);
    expect(JSON.parse(read('package.json').toString())).toMatchObject({
      main: 'dist/desktop.js',
      productName: 'Trinity Backup',
      desktopName: 'trinity-backup-desktop.desktop',
    });
  });

  it('holds every file that is started as a thread or a process, or is loaded late', () => {
    const named = bundles().flatMap((name) => {
      const text = read(name).toString();
      const threads = text.matchAll(/threadEntry\(import\.meta\.url, ["'`]([^"'`]+)["'`]\)/gu);
      const late = text.matchAll(/import\(["'`]\.\/([^"'`]+)["'`]\)/gu);
      return [
        ...[...threads].map(([, source = '']) => `dist/${path.basename(source, '.ts')}.js`),
        ...[...late].map(([, file = '']) => `dist/${file}`),
      ];
    });
    expect(named).toContain('dist/capture.thread.js');
    expect(named.filter((name) => !files.includes(name))).toEqual([]);
    const entries = findThreadEntries('main').map(({ name }) => `dist/${name}.js`);
    expect(entries.filter((name) => !files.includes(name))).toEqual([]);
  });

  it('holds every package that its bundles import', async () => {
    const required = bundles().flatMap((name) => {
      const text = read(name).toString();
      const imports = text.matchAll(/createRequire\(import\.meta\.url\)\("([^"]+)"\)/gu);
      return [...imports].map(([, imported = '']) => imported);
    });
    const packages = [...new Set(required)].filter(
      (name) => !isBuiltin(name) && !name.startsWith('.') && !['electron', 'original-fs'].includes(name),
    );
    expect(packages).toEqual(expect.arrayContaining(['better-sqlite3', 'koffi', 'pino']));
    const unpacked = path.join(base, 'unpacked');
    extractAll(path.join(resources, 'app.asar'), unpacked);
    const code = `
      for (const name of ${JSON.stringify(packages)}) require(name);
      require('koffi').load(null);
      console.log(new (require('better-sqlite3'))(':memory:').prepare('SELECT 7').pluck().get());`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', code], { cwd: unpacked });
    expect(stdout.trim()).toBe('7');
  });

  it('has native binaries outside of the archive, and those of this system alone', async () => {
    const natives = files.filter((name) => name.endsWith('.node'));
    expect(natives.toSorted()).toEqual([
      `node_modules/@koromix/koffi-${system}/${system.replace('-', '_')}/koffi.node`,
      `node_modules/better-sqlite3/prebuilds/${system}.node`,
    ]);
    for (const name of natives) {
      expect((await stat(path.join(resources, 'app.asar.unpacked', name))).size).toBeGreaterThan(100_000);
    }
  });

  it('is small, and its preload smaller', async () => {
    const sizes = await Promise.all(
      (await readdir(resources, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map(async (entry) => (await stat(path.join(entry.parentPath, entry.name))).size),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0) / 1e6).toBeLessThan(mostMegabytes);
    expect(read('dist/preload.cjs').length).toBeLessThan(1000);
  });

  it('turns off what would let it run the code of somebody else', async () => {
    const wire = await getCurrentFuseWire(
      path.join(base, 'output', `${process.platform}-unpacked`, 'trinity-backup-desktop'),
    );
    const on = Object.values(FuseV1Options).filter(
      (fuse) => typeof fuse === 'number' && wire[fuse] === FuseState.ENABLE,
    );
    expect(on).toEqual([
      FuseV1Options.EnableCookieEncryption,
      FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
      FuseV1Options.OnlyLoadAppFromAsar,
      FuseV1Options.WasmTrapHandlers,
    ]);
  });
});
