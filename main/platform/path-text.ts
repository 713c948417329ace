import { isUtf8 } from 'node:buffer';
import { AppError } from '../../shared/lib/app-error.ts';

// What could move the cursor, end a line or reorder what is shown: C0, DEL, C1, bidirectional controls, line separators.
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const unshown = /[\u0000-\u001f\\\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;
const unshownOnce = new RegExp(unshown.source, 'u');

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);
const escapedBytes: ReadonlyMap<string, number> = new Map([
  ['\\', 0x5c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
]);

/**
 * A raw name or path as text for people and JSON: UTF-8 as it is, a backslash doubled, `\n`, `\r`, `\t`, and `\xNN` for each byte
 * of other control characters and of what is no UTF-8. One text for each name: `pathBytes` gives the bytes back.
 */
export function pathText(bytes: Buffer): string {
  if (isUtf8(bytes)) {
    const text = bytes.toString();
    return unshownOnce.test(text) ? text.replaceAll(unshown, escapeCharacter) : text;
  }
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = validLengthAt(bytes, at);
    const part = bytes.subarray(at, at + Math.max(length, 1));
    text += length === 0 ? escapeBytes(part) : part.toString().replaceAll(unshown, escapeCharacter);
    at += part.length;
  }
  return text;
}

/** The bytes of a text that `pathText` made or a person typed; an `AppError` of kind `usage` when an escape is malformed. */
export function pathBytes(text: string): Buffer {
  if (!text.isWellFormed()) {
    throw new AppError(
      'usage',
      'A path holds half a character (a lone surrogate). Type it again, or write its bytes as \\xNN.',
    );
  }
  if (!text.includes('\\')) {
    return Buffer.from(text);
  }
  const parts = text.split(/(\\x[0-9a-fA-F]{2}|\\.?)/su);
  return Buffer.concat(
    parts.map((part) => (part.startsWith('\\') ? escapeToBytes(part) : Buffer.from(part))),
  );
}

function escapeToBytes(escape: string): Buffer {
  if (escape.length === 4) {
    return Buffer.from(escape.slice(2), 'hex');
  }
  const byte = escapedBytes.get(escape.slice(1));
  if (byte === undefined) {
    throw new AppError(
      'usage',
      `"${escape}" means nothing in a path. Write a backslash as \\\\, and other bytes as \\xNN.`,
    );
  }
  return Buffer.of(byte);
}

function escapeCharacter(character: string): string {
  return shortEscapes.get(character) ?? escapeBytes(Buffer.from(character));
}

function escapeBytes(bytes: Buffer): string {
  return Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

/** Length of the one valid UTF-8 character at `at`, or 0. */
function validLengthAt(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length += 1) {
    if (isUtf8(bytes.subarray(at, at + length))) {
      return length;
    }
  }
  return 0;
}
