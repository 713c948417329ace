import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, type InlineConfig } from 'vite';
import { lateImports } from './late-imports.ts';
import { projectFolder, type BuildEntry } from './entries.ts';

/** Packages that load native files of their own, or look for some, found in node_modules at run time. */
const nativePackages = ['@fastify/static', 'better-sqlite3', 'dockerode', 'fastify', 'koffi'];

/** They run in containers, and go there as text. */
const helperFolder = join(projectFolder, 'main/trinity/helper');
const helperFiles = readdirSync(helperFolder).filter((name) => name.endsWith('.py'));
const helperTexts = JSON.stringify(
  Object.fromEntries(helperFiles.map((name) => [name, readFileSync(join(helperFolder, name), 'utf8')])),
);

/** Bundles one entry with all it imports (native packages aside) into the single file `<outFolder>/<name>.js`. */
export async function bundleEntry(entry: BuildEntry, outFolder: string): Promise<void> {
  await build(bundleConfig(entry, outFolder));
}

/** Bundles the preload into `<outFolder>/<name>.cjs`: a sandboxed one can load neither modules nor packages. */
export async function bundlePreload({ name, source }: BuildEntry, outFolder: string): Promise<void> {
  await build({
    configFile: false,
    root: projectFolder,
    logLevel: 'warn',
    mode: 'production',
    build: {
      target: 'es2024',
      minify: true,
      outDir: outFolder,
      emptyOutDir: false,
      copyPublicDir: false,
      lib: { entry: source, formats: ['cjs'], fileName: () => `${name}.cjs` },
      rolldownOptions: { external: ['electron'] },
    },
  });
}

function bundleConfig(entry: BuildEntry, outFolder: string): InlineConfig {
  return {
    configFile: false,
    root: projectFolder,
    logLevel: 'warn',
    mode: 'production',
    plugins: [lateImports(nativePackages)],
    define: {
      TRINITY_BUNDLED: 'true',
      TRINITY_HELPER_TEXTS: helperTexts,
    },
    ssr: { noExternal: true, external: [...nativePackages, 'electron'] },
    build: {
      ssr: true,
      // Syntax that a Node before ours can read: the command has to get as far as handing over to ours.
      target: 'node20',
      minify: false,
      outDir: outFolder,
      emptyOutDir: false,
      copyPublicDir: false,
      rolldownOptions: {
        input: { [entry.name]: entry.source },
        output: { format: 'esm', entryFileNames: '[name].js', codeSplitting: false },
      },
    },
  };
}
