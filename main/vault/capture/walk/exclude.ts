import type { ExcludeRules } from '../capture.ts';
import { bytesAsText, compileName, literalName } from './glob.ts';
import type { NameTest } from './glob.ts';

const anyFolders = '**';

type Segment = NameTest | typeof anyFolders;
type Rule = Readonly<{
  order: number;
  isNegated: boolean;
  foldersOnly: boolean;
  /** Tests the last name only, or the path from the root of the tree. */
  segments: readonly Segment[];
  byName: boolean;
}>;

/** Orders of the last rules that name this name and nothing else, for folders and for everything; -1 when there is none. */
type NamedRules = { folders: number; all: number };

/** Compiled rules. Names are latin1 text of their bytes; `names[0]` lies in the root of the tree. */
export class ExcludeMatcher {
  readonly #isNegated: readonly boolean[];
  readonly #named: ReadonlyMap<string, NamedRules>;
  readonly #others: readonly Rule[];

  constructor(rules: readonly Rule[], named: ReadonlyMap<string, NamedRules>, isNegated: readonly boolean[]) {
    this.#isNegated = isNegated;
    this.#named = named;
    // The last match wins: it is looked for first.
    this.#others = rules.toReversed();
  }

  /** Whether a path, relative to the root of the tree, is left out by itself; what lies in left-out folders is never asked for. */
  matches(path: Buffer, isFolder: boolean): boolean {
    const names = path.toString('latin1').split('/');
    return this.matchesNames(names, names.length, isFolder);
  }

  /** The same for the first `count` of `names`. */
  matchesNames(names: readonly string[], count: number, isFolder: boolean): boolean {
    const name = names[count - 1] ?? '';
    let order = this.#orderOfNamed(name, isFolder);
    for (const rule of this.#others) {
      if (rule.order < order) {
        break;
      }
      if ((isFolder || !rule.foldersOnly) && isMatch(rule, names, count)) {
        order = rule.order;
        break;
      }
    }
    return order >= 0 && this.#isNegated[order] === false;
  }

  #orderOfNamed(name: string, isFolder: boolean): number {
    const named = this.#named.get(name);
    if (named === undefined) {
      return -1;
    }
    return isFolder ? Math.max(named.folders, named.all) : named.all;
  }
}

/** Compiles the rules; those that name nothing (`/`, `!`) match nothing. */
export function compileExclude(patterns: ExcludeRules): ExcludeMatcher {
  const named = new Map<string, NamedRules>();
  const rules: Rule[] = [];
  patterns.forEach((pattern, order) => {
    const isNegated = pattern.startsWith('!');
    const body = isNegated ? pattern.slice(1) : pattern;
    const foldersOnly = body.endsWith('/');
    const path = foldersOnly ? body.slice(0, -1) : body;
    const byName = !path.includes('/');
    const literal = byName && path !== '' ? literalName(path) : undefined;
    if (literal !== undefined) {
      addNamed(named, literal, order, foldersOnly);
    } else if (path.replaceAll('/', '') !== '') {
      const names = path.split('/').filter((name) => name !== '');
      rules.push({ order, isNegated, foldersOnly, byName, segments: names.map(compileSegment) });
    }
  });
  const isNegated = patterns.map((pattern) => pattern.startsWith('!'));
  return new ExcludeMatcher(rules, named, isNegated);
}

/** Names of the top level, as they are compared in the walk. */
export function nameSet(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map(bytesAsText));
}

function addNamed(named: Map<string, NamedRules>, name: string, order: number, foldersOnly: boolean): void {
  const rules = named.get(name) ?? { folders: -1, all: -1 };
  rules[foldersOnly ? 'folders' : 'all'] = order;
  named.set(name, rules);
}

function compileSegment(name: string): Segment {
  return name === anyFolders ? anyFolders : compileName(name);
}

function isMatch(rule: Rule, names: readonly string[], count: number): boolean {
  return matchesFrom(rule.segments, names, rule.byName ? count - 1 : 0, count);
}

/** Matches the names from `start` on; `**` takes any number of them, at the end at least one. Goes back to the last `**` only. */
function matchesFrom(
  segments: readonly Segment[],
  names: readonly string[],
  start: number,
  count: number,
): boolean {
  let segment = 0;
  let at = start;
  let starSegment = -1;
  let starAt = 0;
  while (at < count) {
    const current = segments[segment];
    if (current === anyFolders) {
      if (segment === segments.length - 1) {
        return true;
      }
      starSegment = segment;
      starAt = at;
      segment += 1;
    } else if (current?.(names[at] ?? '') === true) {
      segment += 1;
      at += 1;
    } else if (starSegment >= 0) {
      starAt += 1;
      at = starAt;
      segment = starSegment + 1;
    } else {
      return false;
    }
  }
  return segment === segments.length;
}
