import { createRequire, isBuiltin } from 'node:module';
import type { Plugin } from 'vite';

/** Packages that few commands use: each a file of its own, read where `await import('…')` stands. */
export const latePackages = ['archiver', 'nodemailer', 'qrcode'] as const;

const prefix = '\0late:';
const require = createRequire(import.meta.url);

/**
 * Loads `latePackages` from files of their own, and Node's modules and `packages` with `require` when they are first used, not while the bundle is linked: an old Node, which
 * lacks some of the names, then gets as far as main/headless/bin.ts, and a command loads only what it uses.
 */
export function lateImports(packages: readonly string[]): Plugin {
  return {
    name: 'late-imports',
    enforce: 'pre',
    resolveId(id, _importer, { kind }) {
      if (kind === 'dynamic-import' && latePackages.some((name) => name === id)) {
        return { id: `./${lateFileOf(id)}.js`, external: true };
      }
      // What is required (by CommonJS packages) is late already.
      const isLate = kind !== 'require-call' && (isBuiltin(id) || packages.includes(id));
      return isLate && id !== 'node:module' ? `${prefix}${id}` : undefined;
    },
    load(id) {
      return id.startsWith(prefix)
        ? { code: lateModule(id.slice(prefix.length)), moduleType: 'js' }
        : undefined;
    },
  };
}

/** The name of the file that holds a package of `latePackages`. */
export function lateFileOf(packageName: string): string {
  return `${packageName}.late`;
}

/**
 * Electron's own `fs` takes every file called `*.asar` for a folder, or for a broken one. What is backed up and restored is read and written
 * as it lies there (files of our own: main/app/pages/own-files.ts).
 */
const onElectron: ReadonlyMap<string, string> = new Map([
  ['fs', ''],
  ['fs/promises', '.promises'],
]);

/** What a module is loaded by, as code. */
function loaderOf(id: string): string {
  const load = `createRequire(import.meta.url)(${JSON.stringify(id)})`;
  const part = onElectron.get(id.replace(/^node:/u, ''));
  if (part === undefined) return load;
  return `process.versions.electron === undefined ? ${load} : createRequire(import.meta.url)("original-fs")${part}`;
}

function lateModule(id: string): string {
  const names = Object.keys(require(id)).filter(
    (name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default',
  );
  return [
    `import { createRequire } from 'node:module';`,
    `const loaded = ${loaderOf(id)};`,
    'const pick = (name) => loaded[name];',
    'export default loaded;',
    ...names.map(
      (name) => `const late_${name} = /* @__PURE__ */ pick('${name}');\nexport { late_${name} as ${name} };`,
    ),
  ].join('\n');
}
