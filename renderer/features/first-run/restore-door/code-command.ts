import { within } from '../../../../shared/lib/trinity-commands.ts';

type Told = Readonly<{
  sources: readonly Readonly<{ component: string; facts: Readonly<Record<string, unknown>> }>[];
  trinityVersion: string | null;
}>;

const repository = 'https://github.com/abilityai/trinity.git';

/**
 * What brings Trinity's code into a restored folder, at the commit of the backup, else at the tag of its version. Files that are there
 * already stay as they are. Undefined where the backup tells neither.
 */
export function codeCommand({ sources, trinityVersion }: Told, folder: string): string | undefined {
  const commit = sources.find(({ component }) => component === 'config')?.facts['commit'];
  const isCommit = typeof commit === 'string' && /^[0-9a-f]{7,64}$/u.test(commit);
  const isVersion = trinityVersion !== null && /^[\w.+-]{1,64}$/u.test(trinityVersion);
  if (!isCommit && !isVersion) return undefined;
  const wanted = isCommit ? commit : `refs/tags/v${trinityVersion ?? ''}`;
  return [
    within(folder, 'git init -q'),
    `git fetch -q --depth 1 ${repository} ${wanted}`,
    'git reset -q FETCH_HEAD && git checkout-index -a -q',
  ].join(' && \\\n  ');
}
