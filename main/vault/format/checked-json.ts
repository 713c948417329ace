import { createHash } from 'node:crypto';

/**
 * JSON objects that are read before any key is there (header, key file). The last field is always `checksum`, the SHA-256 of all
 * bytes before its comma; that rule holds for every later format too, so damage and a newer format can be told apart.
 */
export function renderCheckedJson(fields: Readonly<Record<string, unknown>>): Buffer {
  const text = JSON.stringify(fields);
  return withChecksum(text.slice(0, -1));
}

/** The same from a start made by the caller, without its closing brace. */
export function withChecksum(start: string): Buffer {
  return Buffer.from(`${start},"checksum":"${sha256(start)}"}\n`, 'utf8');
}

/** The parsed object, or undefined where any byte has changed. Its shape is not checked. */
export function parseCheckedJson(bytes: Buffer): unknown {
  // Latin-1 keeps every byte apart: invalid UTF-8 must not be read as something that another sequence of bytes gives too.
  const text = bytes.toString('latin1');
  const match = /^(\{[\s\S]*),"checksum":"([0-9a-f]{64})"\}\n$/.exec(text);
  const start = match?.[1];
  if (start === undefined || sha256(Buffer.from(start, 'latin1')) !== match?.[2]) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    // Only a writer of nonsense gets here, since the checksum fits: as unusable as damage.
    return undefined;
  }
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
