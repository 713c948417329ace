import { z } from 'zod';

/** What is read of package-lock.json: folders of packages below the project (`node_modules/a/node_modules/b`), `` for the project. */
const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      dev: z.boolean().optional(),
      dependencies: z.record(z.string(), z.string()).optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

type Packages = z.infer<typeof lockFile>['packages'];

/** The folders of production packages that neither `wanted` nor anything they depend on lies in. */
export function unneededFolders(lock: unknown, wanted: readonly string[]): readonly string[] {
  const { packages } = lockFile.parse(lock);
  const needed = new Set<string>();
  for (const name of wanted) addWithDependencies(packages, needed, { name, from: '' });
  return Object.keys(packages).filter(
    (folder) => folder !== '' && packages[folder]?.dev !== true && !needed.has(folder),
  );
}

type Import = Readonly<{ name: string; from: string }>;

function addWithDependencies(packages: Packages, needed: Set<string>, imported: Import): void {
  const folder = resolveFolder(packages, imported);
  if (folder === undefined || needed.has(folder)) return;
  needed.add(folder);
  const { dependencies, optionalDependencies } = packages[folder] ?? {};
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    addWithDependencies(packages, needed, { name, from: folder });
  }
}

/** As Node finds a package: in the folder of the one that imports it, then in those above. */
function resolveFolder(packages: Packages, { name, from }: Import): string | undefined {
  const folder = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  if (folder in packages) return folder;
  if (from === '') return undefined;
  const above = from.lastIndexOf('/node_modules/');
  return resolveFolder(packages, { name, from: above === -1 ? '' : from.slice(0, above) });
}
