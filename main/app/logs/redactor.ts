const mask = '[redacted]';
/** Shorter ones are words that stand anywhere; a secret of a service is longer. */
const shortestSecret = 6;
/** Of an address, shorter parts are words such as `services`. */
const shortestPart = 10;

/** A name that tells that its value is secret, in a settings file, an environment or a query. */
const secretName =
  '[\\w.-]*(?:password|passwd|passphrase|secret|token|credentials?|authorization|api[_-]?key|access[_-]?key|private[_-]?key|encryption[_-]?key|recovery[_-]?key|device[_-]?key)';

/** What is secret by its form, whoever wrote it. */
const forms: readonly Readonly<{ pattern: RegExp; to: string }>[] = [
  { pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gu, to: mask },
  // Names and passwords in addresses, and what follows the place in those of web hooks.
  { pattern: /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/giu, to: `$1${mask}@` },
  { pattern: new RegExp(`([?&]${secretName}[\\w.-]*=)[^&\\s"'<>]+`, 'giu'), to: `$1${mask}` },
  { pattern: /\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gu, to: `$1 ${mask}` },
  // `"name": "value"`, also where JSON was written into JSON: a value ends at a quote with as many backslashes as it began with.
  {
    pattern: new RegExp(
      `(${secretName}[\\w-]*\\\\*["']?\\s*[=:]\\s*)(\\\\*["'])(?:(?!(?<!\\\\)\\2)[^])+`,
      'giu',
    ),
    to: `$1$2${mask}`,
  },
  // `NAME=value`
  {
    pattern: new RegExp(`(${secretName}[\\w-]*\\\\*["']?\\s*[=:]\\s*)[^\\s"'\\\\,;{}[\\]]+`, 'giu'),
    to: `$1${mask}`,
  },
  // Recovery keys of ours, as they are printed.
  { pattern: /\b(?:[0-9A-Z]{6}[- ]?){5}[0-9A-Z]{6}\b/giu, to: mask },
  { pattern: /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+/gu, to: mask },
  { pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/gu, to: mask },
  { pattern: /\b(?:trinity_mcp_|gh[pousr]_|github_pat_|sk-|xox[abprs]-)[\w-]{8,}/gu, to: mask },
];

/** Takes secrets out of text that people will see: those that it was told of, whatever they look like, and those that their form tells. */
export class Redactor {
  readonly #known = new Set<string>();

  /** From now on this is never written, nor any common way of writing it. */
  learn(secret: string | undefined): void {
    if (secret === undefined || secret.length < shortestSecret) return;
    const bytes = Buffer.from(secret, 'utf8');
    const inJson = JSON.stringify(secret).slice(1, -1);
    const ways = [
      secret,
      inJson,
      encodeURIComponent(secret),
      bytes.toString('base64'),
      bytes.toString('hex'),
    ];
    for (const way of ways) this.#known.add(way);
  }

  /** An address that lets in whoever knows it: as a whole, and the parts of it that may be the secret. */
  learnAddress(address: string | undefined): void {
    if (address === undefined) return;
    this.learn(address);
    const url = URL.parse(address);
    if (url === null) return;
    this.learn(decoded(url.password));
    // The path of a database is its name, which stands in other places too.
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return;
    for (const part of [`${url.pathname}${url.search}`.slice(1), ...url.pathname.split('/')]) {
      if (part.length >= shortestPart) this.learn(decoded(part));
    }
  }

  /** Keys that are bytes, not text. */
  learnBytes(secret: Uint8Array): void {
    const bytes = Buffer.from(secret);
    for (const encoding of ['hex', 'base64', 'base64url'] as const) this.#known.add(bytes.toString(encoding));
  }

  redact(text: string): string {
    // The longest first, so that none is left in part.
    const known = [...this.#known].toSorted((one, other) => other.length - one.length);
    const without = known.reduce((rest, secret) => rest.replaceAll(secret, mask), text);
    return forms.reduce((rest, { pattern, to }) => rest.replaceAll(pattern, to), without);
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A stray percent sign: it stands as it is.
    return part;
  }
}

/** Values of an environment whose names tell that they are secret, and addresses that hold one. */
export function secretsOfEnvironment(env: ReadonlyMap<string, string>): readonly string[] {
  const isSecret = new RegExp(`(?:${secretName}|_key$|_pat$|_url$|_dsn$)`, 'iu');
  return [...env].filter(([name, value]) => isSecret.test(name) && value !== '').map(([, value]) => value);
}
