import { shownText } from '../docker/engine-error.ts';

/** The rows that a server complains about stand in quotes behind a colon, or in lines of their own. */
const ownLine = /^(?:CONTEXT|DETAIL|HINT|STATEMENT|QUERY|LINE \d+|Command was):/u;

/** The first complaint of a Postgres program, without anything out of rows; undefined when it said nothing. */
export function saidBy(stderr: string, secrets: readonly string[]): string | undefined {
  const lines = stderr.split('\n').map((line) => line.trim());
  const first =
    lines.find((line) => /\b(?:error|FATAL|ERROR):/u.test(line)) ?? lines.find((line) => line !== '');
  if (first === undefined || ownLine.test(first)) return undefined;
  const said = first.replace(/^\w+: (?:error|detail): /u, '').replace(/: "[^"]*"?$/u, '');
  return shownText(said, secrets);
}
