/**
 * Keys whose value belongs to this host, not to the data: an in-place restore leaves them as they are live, absent ones absent.
 */
export const hostKeys: readonly string[] = [
  'AGENT_TMP_SIZE',
  'COMPOSE_FILE',
  'COMPOSE_PROFILES',
  'COMPOSE_PROJECT_NAME',
  'DOCKER_GID',
  'FRONTEND_PORT',
  'FRONTEND_URL',
  'HOST_TEMPLATES_PATH',
  'PUBLIC_CHAT_URL',
  'TRINITY_DATA_PATH',
  'TRINITY_IMAGE_TAG',
];

/**
 * Keys that say which database server this host runs and how it was set up: a live value stays (an older one would point Trinity
 * at another, empty database), but a value that is missing live is brought back.
 */
const databaseKeys: readonly string[] = [
  'DATABASE_URL',
  'POSTGRES_DB',
  'POSTGRES_PASSWORD',
  'POSTGRES_USER',
  'TRINITY_DB_PATH',
];

/** A restore sets these by itself: by where it puts the data, and by whose volumes there are. */
const settledKeys: readonly string[] = ['COMPOSE_PROJECT_NAME', 'TRINITY_DATA_PATH'];

/** Keys for which a new install may be given other values than those of the old host. */
export const newHostKeys: readonly string[] = [
  ...hostKeys.filter((key) => !settledKeys.includes(key)),
  'DATABASE_URL',
];

/** Of these the ones that hold a password. */
export const secretHostKeys: readonly string[] = ['DATABASE_URL'];

type EnvLine = Readonly<{
  /** The line as it stands, up to its line feed: the carriage return of a line end of Windows is in it. */
  raw: string;
  /** Undefined for comments, blank lines and what is no assignment. */
  key: string | undefined;
  value: string;
}>;

// Keys are ASCII and values opaque bytes: as latin1 every byte is one character and none is lost.
const encoding = 'latin1';
const byteOrderMark = '\u00ef\u00bb\u00bf';
const assignment = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=(.*)$/su;

function unquoted(text: string): string {
  const trimmed = text.trim();
  const quote = trimmed.charAt(0);
  if (quote === '"' || quote === "'") {
    const end = trimmed.indexOf(quote, 1);
    if (end > 0 && /^\s*(?:#.*)?$/su.test(trimmed.slice(end + 1))) return trimmed.slice(1, end);
  }
  if (trimmed.startsWith('#')) return '';
  const comment = trimmed.search(/[ \t]#/u);
  return comment < 0 ? trimmed : trimmed.slice(0, comment).trimEnd();
}

function readLine(raw: string): EnvLine {
  const [, key, value] = assignment.exec(withoutReturn(raw)) ?? [];
  return { raw, key, value: value === undefined ? '' : unquoted(value) };
}

function withoutReturn(raw: string): string {
  return raw.endsWith('\r') ? raw.slice(0, -1) : raw;
}

/** A line with the kind of end that another one has: files whose ends are mixed stay so. */
function endedLike(raw: string, model: string): string {
  return withoutReturn(raw) + (model.endsWith('\r') ? '\r' : '');
}

function readLines(content: Uint8Array): readonly EnvLine[] {
  const text = Buffer.from(content).toString(encoding);
  const body = text.startsWith(byteOrderMark) ? text.slice(byteOrderMark.length) : text;
  return body.split('\n').map(readLine);
}

function valuesOf(lines: readonly EnvLine[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of lines) if (line.key !== undefined) values.set(line.key, line.value);
  return values;
}

/**
 * The assignments of an `.env`, by the rules of Trinity's start script: the last duplicate wins, quotes and `export` go, ` # …` ends
 * an unquoted value, inner spaces stay. Any bytes are accepted; what is no assignment is passed over.
 */
export function parseEnv(content: Uint8Array | string): ReadonlyMap<string, string> {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  const values = new Map<string, string>();
  for (const [key, value] of valuesOf(readLines(bytes)))
    values.set(key, Buffer.from(value, encoding).toString('utf8'));
  return values;
}

export type MergedEnv = Readonly<{
  content: Buffer;
  /** Names of keys whose value in the backup differed and whose live state stays. */
  kept: readonly string[];
  /** Names of keys whose live value changes: set anew, or gone. */
  changed: readonly string[];
}>;

/** The live line of each key that stays, keyed by name; `undefined` for one that stays absent. */
function stayingLines(live: readonly EnvLine[]): ReadonlyMap<string, string | undefined> {
  const staying = new Map<string, string | undefined>();
  // An empty file says nothing about this host: everything comes from the backup.
  if (live.every((line) => line.key === undefined)) return staying;
  for (const key of hostKeys) staying.set(key, undefined);
  for (const line of live) {
    if (line.key === undefined) continue;
    if (hostKeys.includes(line.key) || (databaseKeys.includes(line.key) && line.value !== ''))
      staying.set(line.key, line.raw);
  }
  return staying;
}

function mergeLines(
  backup: readonly EnvLine[],
  staying: ReadonlyMap<string, string | undefined>,
): readonly string[] {
  const last = new Map<string, number>();
  for (const [index, line] of backup.entries()) if (line.key !== undefined) last.set(line.key, index);
  const merged: string[] = [];
  for (const [index, line] of backup.entries()) {
    if (line.key === undefined || !staying.has(line.key)) merged.push(line.raw);
    else if (last.get(line.key) === index) {
      const raw = staying.get(line.key);
      if (raw !== undefined) merged.push(endedLike(raw, line.raw));
    }
  }
  const missing = [...staying].flatMap(([key, raw]) => (raw === undefined || last.has(key) ? [] : [raw]));
  if (missing.length === 0) return merged;
  // What follows the last line feed has no end of its own.
  const model = backup.at(-2)?.raw ?? '';
  const end = merged.at(-1) === '' ? merged.length - 1 : merged.length;
  const before = merged
    .slice(0, end)
    .map((raw, index) => (index < merged.length - 1 ? raw : endedLike(raw, model)));
  return [...before, ...missing.map((raw) => endedLike(raw, model)), ''];
}

function differing(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): readonly string[] {
  const keys = new Set([...one.keys(), ...other.keys()]);
  return [...keys].filter((key) => one.get(key) !== other.get(key)).toSorted();
}

/**
 * The `.env` of an in-place restore: text, comments and order of the backup, with the lines that belong to this host as they are
 * live. Values never leave it but in `content`. `live` is undefined when there is no file.
 */
export function mergeEnv({
  live,
  backup,
}: Readonly<{ live: Uint8Array | undefined; backup: Uint8Array }>): MergedEnv {
  const liveLines = live === undefined ? [] : readLines(live);
  const backupLines = readLines(backup);
  const staying = stayingLines(liveLines);
  const text = Buffer.from(backup).toString(encoding);
  const merged = mergeLines(backupLines, staying);
  const start = text.startsWith(byteOrderMark) ? byteOrderMark : '';
  const content = Buffer.from(start + merged.join('\n'), encoding);
  const result = valuesOf(merged.map(readLine));
  const kept = differing(valuesOf(backupLines), result);
  return { content, kept, changed: differing(valuesOf(liveLines), result) };
}
