const segment = '[a-z0-9][a-z0-9._-]{0,127}';
const namePattern = new RegExp(`^${segment}(?:/${segment}){0,3}$`, 'u');
/** Names that a folder storage keeps for itself. */
const ownNames: ReadonlySet<string> = new Set(['tmp', 'reserve']);

/** Whether an object may have this name: one to four lower-case segments, none of them hidden, `.` or `..`. */
export function isObjectName(name: string): boolean {
  const [first] = name.split('/', 1);
  return namePattern.test(name) && first !== undefined && !ownNames.has(first);
}

/** Throws for a name that no caller may build: they come from our own code or were checked where they were read. */
export function assertObjectName(name: string): void {
  if (!isObjectName(name)) throw new Error(`not a name of an object: ${JSON.stringify(name)}`);
}

/** A prefix is the empty text (everything) or a name and `/`. */
export function assertObjectPrefix(prefix: string): void {
  if (prefix !== '' && !(prefix.endsWith('/') && isObjectName(prefix.slice(0, -1)))) {
    throw new Error(`not a prefix of objects: ${JSON.stringify(prefix)}`);
  }
}
