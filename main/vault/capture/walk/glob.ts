/** Whether a name (its bytes as latin1 text) matches. */
export type NameTest = (name: string) => boolean;

type Range = readonly [from: number, to: number];
type Token =
  | Readonly<{ kind: 'byte'; code: number }>
  | Readonly<{ kind: 'one' }>
  | Readonly<{ kind: 'many' }>
  | Readonly<{ kind: 'class'; isNegated: boolean; ranges: readonly Range[] }>;

const noCharacter = 0x11_0000;
const special = /[*?[\\]/u;

/** The text's UTF-8 bytes, each as one character. */
export function bytesAsText(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** The one name that a pattern without special characters stands for; undefined when it has some. */
export function literalName(pattern: string): string | undefined {
  return special.test(pattern) ? undefined : bytesAsText(pattern);
}

/**
 * Compiles a pattern for one name: `*`, `?`, `[…]` with ranges and `!` or `^`, `\` before a character that is meant itself. Time to
 * match is at most length × length, whatever the pattern.
 */
export function compileName(pattern: string): NameTest {
  const literal = literalName(pattern);
  if (literal !== undefined) {
    return (name) => name === literal;
  }
  const suffix = pattern.startsWith('*') ? literalName(pattern.slice(1)) : undefined;
  if (suffix !== undefined) {
    return (name) => name.endsWith(suffix);
  }
  const prefix = pattern.endsWith('*') ? literalName(pattern.slice(0, -1)) : undefined;
  if (prefix !== undefined) {
    return (name) => name.startsWith(prefix);
  }
  const tokens = parseTokens(pattern);
  return (name) => matchesTokens(tokens, name);
}

function parseTokens(pattern: string): readonly Token[] {
  const tokens: Token[] = [];
  const characters = Array.from(pattern);
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    const found = character === '[' ? parseClass(characters, at) : undefined;
    if (found !== undefined) {
      tokens.push(found.token);
      at = found.end;
    } else if (character === '*') {
      if (tokens.at(-1)?.kind !== 'many') {
        tokens.push({ kind: 'many' });
      }
    } else if (character === '?') {
      tokens.push({ kind: 'one' });
    } else {
      const isEscape = character === '\\' && at + 1 < characters.length;
      at += isEscape ? 1 : 0;
      tokens.push(...byteTokens(isEscape ? (characters[at] ?? '') : character));
    }
  }
  return tokens;
}

function byteTokens(character: string): readonly Token[] {
  return Array.from(Buffer.from(character), (code) => ({ kind: 'byte', code }) as const);
}

/** A class that begins at `start`; undefined when it does not end: then `[` is meant itself. */
function parseClass(
  characters: readonly string[],
  start: number,
): Readonly<{ token: Token; end: number }> | undefined {
  const isNegated = characters[start + 1] === '!' || characters[start + 1] === '^';
  const first = start + (isNegated ? 2 : 1);
  const ranges: Range[] = [];
  let at = first;
  const take = (): number => {
    at += characters[at] === '\\' ? 1 : 0;
    const code = characters[at]?.codePointAt(0) ?? noCharacter;
    at += 1;
    return code;
  };
  // A `]` right at the beginning is a member.
  while (at < characters.length && (characters[at] !== ']' || at === first)) {
    const from = take();
    const isRange = characters[at] === '-' && at + 1 < characters.length && characters[at + 1] !== ']';
    at += isRange ? 1 : 0;
    ranges.push([from, isRange ? take() : from]);
  }
  return at < characters.length ? { token: { kind: 'class', isNegated, ranges }, end: at } : undefined;
}

/** Goes back to the last `*` only, which is enough: so there is no blow-up. */
function matchesTokens(tokens: readonly Token[], name: string): boolean {
  let token = 0;
  let at = 0;
  let starToken = -1;
  let starAt = 0;
  while (at < name.length) {
    const current = tokens[token];
    const taken = current === undefined ? 0 : takenBy(current, name, at);
    if (current?.kind === 'many') {
      starToken = token;
      starAt = at;
      token += 1;
    } else if (taken > 0) {
      at += taken;
      token += 1;
    } else if (starToken >= 0) {
      starAt += 1;
      at = starAt;
      token = starToken + 1;
    } else {
      return false;
    }
  }
  while (tokens[token]?.kind === 'many') {
    token += 1;
  }
  return token === tokens.length;
}

/** How many bytes at `at` a token takes; 0 when it does not match. */
function takenBy(token: Token, name: string, at: number): number {
  switch (token.kind) {
    case 'byte':
      return name.charCodeAt(at) === token.code ? 1 : 0;
    case 'one':
      return characterLength(name, at);
    case 'class': {
      const length = characterLength(name, at);
      const code = codeOf(name, at, length);
      const isMember = token.ranges.some(([from, to]) => code >= from && code <= to);
      return isMember === token.isNegated ? 0 : length;
    }
    case 'many':
      return 0;
    default:
      return 0;
  }
}

/** Length of the UTF-8 character at `at`; 1 for a byte that begins none. */
function characterLength(name: string, at: number): number {
  const lead = name.charCodeAt(at);
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  for (let next = at + 1; next < at + length; next += 1) {
    const byte = name.charCodeAt(next);
    if (!(byte >= 0x80 && byte <= 0xbf)) {
      return 1;
    }
  }
  return length;
}

function codeOf(name: string, at: number, length: number): number {
  const lead = name.charCodeAt(at);
  if (length === 1) {
    return lead < 0x80 ? lead : noCharacter;
  }
  let code = lead & (0xff >> (length + 1));
  for (let next = at + 1; next < at + length; next += 1) {
    code = (code << 6) | (name.charCodeAt(next) & 0x3f);
  }
  return code;
}
