import { homeFolder } from '../home/home.ts';

/** What the desktop's executable was started for. */
export type Launch =
  | Readonly<{
      kind: 'application';
      homeFolder: string;
      /** At login: nothing opens. */
      isHidden: boolean;
      /** After it was packaged: all of it is loaded, and it ends. */
      isSmoke: boolean;
    }>
  /** The process that brings containers back when the application dies; `args` are its own. */
  | Readonly<{ kind: 'guard'; args: readonly string[] }>;

/** First of all arguments, since one executable is both; Chromium's own switches may stand before it. */
export const guardFlag = '--guard';
export const hiddenFlag = '--hidden';
const smokeFlag = '--smoke';

/** Reads the command line of the desktop: `[--hidden] [--smoke] [--home DIR]`, or `--guard` with what the guard is to know. */
export function launchOf(argv: readonly string[], env: NodeJS.ProcessEnv): Launch {
  const guardAt = argv.indexOf(guardFlag);
  if (guardAt !== -1) return { kind: 'guard', args: argv.slice(guardAt + 1) };
  return {
    kind: 'application',
    homeFolder: homeFolder(optionOf(argv, '--home'), env),
    isHidden: argv.includes(hiddenFlag) || argv.includes(smokeFlag),
    isSmoke: argv.includes(smokeFlag),
  };
}

function optionOf(argv: readonly string[], name: string): string | undefined {
  const joined = argv.find((arg) => arg.startsWith(`${name}=`));
  if (joined !== undefined) return joined.slice(name.length + 1);
  const at = argv.indexOf(name);
  return at === -1 ? undefined : argv[at + 1];
}
