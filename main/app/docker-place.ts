import { homedir } from 'node:os';
import path from 'node:path';

/** What tells the docker command of this user where its engine is. */
export function dockerPlace(): Readonly<{ env: Record<string, string>; home: string }> {
  const names = ['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'XDG_RUNTIME_DIR'];
  const env = Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return { env, home: homedir() };
}

/** Where Trinity is usually checked out, for this user. */
export function usualInstallFolders(): readonly string[] {
  return [path.join(homedir(), 'trinity'), '/opt/trinity', '/srv/trinity'];
}
