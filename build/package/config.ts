import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Configuration } from 'electron-builder';
import packageJson from '../../package.json' with { type: 'json' };
import { projectFolder } from '../entries.ts';
import { unneededFolders } from './locked-packages.ts';
import { publisherOf } from './publisher.ts';

/** What the desktop application imports at run time; all else is in its bundles. */
export const shippedPackages = ['better-sqlite3', 'dockerode', 'koffi', 'pino'];

export type PackageFolders = Readonly<{
  /** The build. */
  dist: string;
  /** Icons of installers, as `writeInstallerIcons` makes them. */
  icons: string;
  output: string;
  /** An unpacked Electron, or one that stands in for it; without it the release is fetched. */
  electron?: string;
}>;

const executable = 'trinity-backup-desktop';
const publisher = publisherOf(process.env);

/** Everything off that lets somebody else's code run as this application. */
const fuses: NonNullable<Configuration['electronFuses']> = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
  // macOS refuses an application that was changed after it was signed.
  resetAdHocDarwinSignature: true,
};

/** Never loaded: binaries for other systems, sources of natives, what is only for other runs of them, types, and the manuals of packages. */
const unneededFiles = [
  `!node_modules/better-sqlite3/prebuilds/!(${process.platform}-${process.arch}).node`,
  '!node_modules/better-sqlite3/{deps,src}/**',
  '!node_modules/koffi/{doc,lib,vendor}/**',
  '!node_modules/@koromix/*/musl_*/**',
  '!node_modules/{cpu-features,nan,buildcheck,@types,undici-types,node-addon-api}/**',
  '!node_modules/**/{test,tests,example,examples,benchmark,benchmarks,.github}/**',
  '!node_modules/**/.*{,/**}',
  '!node_modules/**/*.{md,markdown,map,ts,mts,cts,flow,h,c,cc,hh,inc,def,S,asm,gyp}',
];

/** How electron-builder makes installers, of the system and processor that it runs on; no network is used but for Electron and its own tools. */
export function packageConfig({ dist, icons, output, electron }: PackageFolders): Configuration {
  return {
    // As main/desktop/start.ts tells Windows: its notices are shown under this name.
    appId: 'ai.trinity.backup',
    productName: packageJson.productName,
    copyright: `Licensed under ${packageJson.license}`,
    electronVersion: packageJson.devDependencies.electron,
    ...(electron === undefined ? {} : { electronDist: electron }),
    directories: { output, buildResources: icons },
    extraMetadata: {
      main: 'dist/desktop.js',
      homepage: publisher.homepage,
      desktopName: `${executable}.desktop`,
    },
    files: [
      'package.json',
      // The command line needs a Node of its own.
      { from: dist, to: 'dist', filter: ['**/*', '!trinity-backup.js', '!**/*.map'] },
      ...unneededPackages(),
      ...unneededFiles,
    ],
    asar: true,
    asarUnpack: ['**/*.node'],
    // The binaries are those of the packages, for Node and Electron alike.
    npmRebuild: false,
    allowMissingDependencies: false,
    electronFuses: fuses,
    electronLanguages: ['en-US'],
    publish: null,
    ...systems,
  };
}

const systems: Pick<Configuration, 'linux' | 'deb' | 'win' | 'nsis' | 'mac' | 'dmg' | 'toolsets'> = {
  linux: {
    target: ['AppImage', 'deb'],
    icon: 'linux',
    category: 'Utility',
    executableName: executable,
    synopsis: packageJson.description,
    maintainer: publisher.maintainer,
    // Windows find their entry, with its icon, by this name.
    syncDesktopName: true,
  },
  // Starts without the libfuse2 that newer systems have no more.
  toolsets: { appimage: '1.0.3' },
  win: { target: ['nsis'], icon: 'app.ico' },
  // For this user, who needs no administrator for it; settings and keys outlive it.
  nsis: { oneClick: true, perMachine: false, deleteAppDataOnUninstall: false },
  mac: {
    target: ['dmg'],
    icon: 'app.icns',
    category: 'public.app-category.utilities',
    // Signed by whoever has a certificate; without one at least so that Apple's processors run it.
    ...(process.env['CSC_LINK'] === undefined ? { identity: '-', hardenedRuntime: false } : {}),
  },
  dmg: { writeUpdateInfo: false },
};

function unneededPackages(): readonly string[] {
  const lock: unknown = JSON.parse(readFileSync(path.join(projectFolder, 'package-lock.json'), 'utf8'));
  return unneededFolders(lock, shippedPackages).map((folder) => `!${folder}/**`);
}
