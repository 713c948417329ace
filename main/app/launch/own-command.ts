import { homeFolder } from '../home/home.ts';
import { guardFlag } from './launch.ts';

export type OwnFacts = Readonly<{
  execPath: string;
  /** What Electron was started with; a package needs none. */
  appPath: string;
  isPackaged: boolean;
  /** The AppImage that this runs from: what is mounted of it goes when it ends. */
  appImage: string | undefined;
  argv: readonly string[];
}>;

/** By which somebody names the keyring of a desktop that Electron does not know. */
const keyringFlag = '--password-store=';

/** How this application is started: by the system at login, and as the guard. */
export function ownCommand({ execPath, appPath, isPackaged, appImage }: OwnFacts): readonly string[] {
  if (!isPackaged) return [execPath, appPath];
  return [appImage ?? execPath];
}

/** As the system starts it at login: nothing of what a shell has set is there then, so a home of its own is named, and a keyring that was. */
export function loginCommand(facts: OwnFacts, home: string, env: NodeJS.ProcessEnv): readonly string[] {
  const { TRINITY_BACKUP_HOME: _, ...without } = env;
  const keyring = facts.argv.filter((arg) => arg.startsWith(keyringFlag));
  return [
    ...ownCommand(facts),
    ...keyring,
    ...(home === homeFolder(undefined, without) ? [] : ['--home', home]),
  ];
}

/**
 * The guard needs no display and must not go with one: it draws nowhere. It has a profile of its own in `profile`, since that of the
 * application belongs to whoever holds the single instance.
 */
export function guardCommandOf(facts: OwnFacts, profile: string): readonly string[] {
  const switches = ['--ozone-platform=headless', '--disable-gpu', `--user-data-dir=${profile}`];
  return [...ownCommand(facts), ...switches, guardFlag];
}
