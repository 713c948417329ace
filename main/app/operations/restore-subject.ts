import { countText } from '../../../shared/lib/size-text.ts';

const parts: Readonly<Record<string, string>> = {
  persistence: 'the database',
  memory: 'all agents',
  files: 'the files',
  config: 'the configuration',
  paths: 'the extra folders',
};

type Asked = Readonly<{
  only?: readonly string[] | undefined;
  agents?: readonly string[] | undefined;
  paths?: readonly string[] | undefined;
  destination?: Readonly<{ way: string; name?: string }> | undefined;
}>;

type Destination =
  | Readonly<{ way: 'in-place' }>
  | Readonly<{ way: 'as'; name: string }>
  | Readonly<{ way: 'to' | 'new-install'; folder: string }>;

/** What a restore restores, within a sentence: `everything`, `research`, `the database`, `3 files and folders`. */
export function restoreSubject({ only, agents, paths, destination }: Asked): string {
  if (destination?.name !== undefined) return destination.name;
  if (paths !== undefined) return countedOf(paths, () => 'one file or folder', 'files and folders');
  if (agents !== undefined) return countedOf(agents, (name) => name, 'agents');
  if (only !== undefined) return countedOf(only, (name) => parts[name] ?? name, 'parts');
  return 'everything';
}

/** Of what and where a restore was, after its name: `of research into /srv/research`. */
export function restoreAbout({
  destination,
  ...asked
}: Omit<Asked, 'destination'> & Readonly<{ destination: Destination }>): string {
  const what = `of ${restoreSubject(asked)}`;
  if (destination.way === 'to') return `${what} into ${destination.folder}`;
  if (destination.way === 'as') return `${what} as ${destination.name}`;
  return destination.way === 'in-place' ? what : `${what} as a new install in ${destination.folder}`;
}

function countedOf(names: readonly string[], nameOf: (name: string) => string, plural: string): string {
  const [first] = names;
  return first !== undefined && names.length === 1 ? nameOf(first) : `${countText(names.length)} ${plural}`;
}
