import { linkSync, lutimesSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot, makeFifo, makeFolder, rawPath, tagFile, writeSparse, writeText } from './sample-files.ts';

const mebibyte = 1024 * 1024;

/** Names that break backups, as bytes: not all of them are UTF-8. */
export const oddNames: readonly Buffer[] = [
  ...[
    'two\nlines',
    'tab\there',
    `it's "quoted"`,
    '$HOME `id`',
    'back\\slash',
    '-rf',
    ' spaces around ',
    '*?[a]',
    '%2e%2e%2f',
  ].map((name) => Buffer.from(name)),
  ...[
    'Grüße 文書 🙂',
    'e\u0301 decomposed',
    '\u00e9 composed',
    '...',
    '~',
    '.hidden',
    'NUL',
    'escape\u001b[31m',
  ].map((name) => Buffer.from(name)),
  Buffer.from([0x69, 0x6e, 0xff, 0xfe, 0x76, 0xc3, 0x28]),
  Buffer.alloc(255, 'x'),
  Buffer.concat([Buffer.alloc(252, 0xe4), Buffer.from('end')]),
];

/** Writes what is easily lost: odd names, links, holes, modes, times, attributes. Returns paths that stay root's. */
export function writeOddities(workspace: string): ReadonlySet<string> {
  const folder = join(workspace, 'odd');
  makeFolder(folder);
  makeFolder(join(folder, 'names'));
  for (const [index, name] of oddNames.entries())
    writeText(rawPath(join(folder, 'names'), name), `odd name ${index}\n`);
  writeLinks(folder);
  for (const name of ['empty', 'empty/in/empty']) makeFolder(join(folder, name));
  mkdirSync(rawPath(folder, Buffer.from([0x64, 0xff])));
  writeSparse(join(folder, 'sparse.img'), 64 * mebibyte, [0, 20 * mebibyte, 64 * mebibyte - 21]);
  writeText(join(folder, 'empty.txt'), '');
  makeFifo(join(folder, 'queue.fifo'));
  writeModes(folder);
  writeText(join(folder, 'tagged.txt'), 'with an attribute\n');
  tagFile(join(folder, 'tagged.txt'), 'comment', 'kept with the file');
  writeTimes(folder);
  return writeRootsOwn(folder);
}

function writeLinks(folder: string): void {
  writeText(join(folder, 'target.txt'), 'the file that links lead to\n');
  const links: Readonly<Record<string, string>> = {
    'link-relative': 'target.txt',
    'link-absolute': '/home/developer/CLAUDE.md',
    'link-dangling': 'nowhere/at/all',
    'link-passwd': '/etc/passwd',
    'link-folder': 'names',
    'link-up': '../../../..',
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name));
  linkSync(join(folder, 'target.txt'), join(folder, 'second-name.txt'));
  makeFolder(join(folder, 'elsewhere'));
  linkSync(join(folder, 'target.txt'), join(folder, 'elsewhere/third-name.txt'));
}

function writeModes(folder: string): void {
  for (const mode of [0o600, 0o444, 0o755, 0o4755, 0o2644]) {
    writeText(join(folder, `mode-${mode.toString(8)}`), 'mode\n', mode);
  }
  makeFolder(join(folder, 'sticky'), 0o1777);
  makeFolder(join(folder, 'group'), 0o2775);
}

function writeTimes(folder: string): void {
  writeText(join(folder, 'from-1970.txt'), 'old\n');
  utimesSync(join(folder, 'from-1970.txt'), 1, 1);
  writeText(join(folder, 'from-2100.txt'), 'young\n');
  utimesSync(join(folder, 'from-2100.txt'), 4_102_444_800, 4_102_444_800);
  lutimesSync(join(folder, 'link-relative'), 1_000_000_000, 1_000_000_000);
  utimesSync(join(folder, 'elsewhere'), 1_500_000_000, 1_500_000_000.25);
}

/** Only root can read a file of mode 0000, and only root has files of its own in an agent's volume. */
function writeRootsOwn(folder: string): ReadonlySet<string> {
  if (!isRoot()) return new Set();
  writeText(join(folder, 'mode-0'), 'nobody may read this\n', 0);
  const owned = join(folder, 'owned-by-root.conf');
  writeText(owned, 'written with sudo\n', 0o640);
  return new Set([owned]);
}
