import { homedir } from 'node:os';

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
