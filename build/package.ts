import path from 'node:path';
import { parseArgs } from 'node:util';
import { projectFolder } from './entries.ts';
import { writeInstallerIcons } from './icons/write-icons.ts';
import { makePackage } from './package/make-package.ts';

// `npm run package [-- --dir]`: installers of this system for what `npm run build` has built, into build/out/packages.
const { values } = parseArgs({ options: { dir: { type: 'boolean', default: false } } });

const out = path.join(projectFolder, 'build/out');
const folders = {
  dist: path.join(projectFolder, 'dist'),
  icons: path.join(out, 'icons'),
  output: path.join(out, 'packages'),
};
await writeInstallerIcons(folders.icons);
const made = await makePackage(folders, values.dir);
process.stdout.write(made.map((file) => `${path.relative(projectFolder, file)}\n`).join(''));
