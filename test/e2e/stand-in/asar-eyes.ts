import fs from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

// Loaded before anything else in every process and thread of the stand-in (`--import`): as in Electron, whatever lies below a name that
// ends in `.asar`, or is one and no folder, is no file for `fs`; `original-fs` sees files as they lie there. Also for another system.

type Functions = Record<string, unknown>;

const original = { ...fs, promises: { ...fs.promises } };
Object.assign(process, { [Symbol.for('trinity.original-fs')]: original });
Object.defineProperty(process, 'versions', { value: { ...process.versions, electron: '45.4.1' } });
const url = new URL('original-fs.cjs', import.meta.url).href;
const platform = process.env['TRINITY_STAND_IN_PLATFORM'];
if (platform !== undefined) Object.defineProperty(process, 'platform', { value: platform });
registerHooks({
  resolve: (name, context, next) =>
    name === 'original-fs' ? { url, format: 'commonjs', shortCircuit: true } : next(name, context),
});

/** Functions with two paths. */
const pairs: ReadonlySet<string> = new Set(['rename', 'copyFile', 'link', 'cp']);

function textOf(place: unknown): string {
  if (typeof place === 'string') return place;
  if (Buffer.isBuffer(place)) return place.toString();
  return place instanceof URL && place.protocol === 'file:' ? fileURLToPath(place) : '';
}

function isInArchive(place: unknown): boolean {
  const text = textOf(place);
  return [...text.matchAll(/\.asar(?=\/|$)/giu)].some(({ index }) => {
    const archive = text.slice(0, index + '.asar'.length);
    return original.statSync(archive, { throwIfNoEntry: false })?.isDirectory() !== true;
  });
}

/** How a function of `fs` fails: at once, by its callback, or by its promise. */
type Fails = (problem: Error, given: readonly unknown[]) => unknown;

function blind(functions: Functions, fails: (name: string) => Fails): void {
  for (const [name, called] of Object.entries(functions)) {
    // Classes and constants stay what they are.
    if (typeof called !== 'function' || !/^[a-z]/u.test(name)) continue;
    const seen = (...given: readonly unknown[]): unknown => {
      const places = given.slice(0, pairs.has(name.replace(/Sync$/u, '')) ? 2 : 1);
      const place = places.find(isInArchive);
      if (place === undefined) return Reflect.apply(called, functions, given);
      const problem = new Error(`Invalid package ${textOf(place)}`);
      return fails(name)(Object.assign(problem, { code: 'ENOENT' }), given);
    };
    functions[name] = Object.assign(seen, called);
  }
}

const throws: Fails = (problem) => {
  throw problem;
};
const callsBack: Fails = (problem, given) => {
  const callback = given.at(-1);
  if (typeof callback !== 'function') throw problem;
  process.nextTick(callback, problem);
};

blind(fs, (name) => (/Sync$|^create/u.test(name) ? throws : callsBack));
blind(fs.promises, () => async (problem) => await Promise.reject(problem));
