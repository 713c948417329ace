/** What a process needs of the system, where it would not start without. */
const needed = ['SystemRoot'];

/**
 * The environment of a child that gets nothing of ours: never empty, since Electron takes an empty one for none at all, and gives the child
 * the whole of ours, a passphrase included.
 */
export function childEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept = needed.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { TRINITY_BACKUP_CHILD: '1', ...Object.fromEntries(kept) };
}
