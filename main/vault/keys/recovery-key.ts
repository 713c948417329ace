import { createHash, randomBytes } from 'node:crypto';
import { AppError } from '../../../shared/lib/app-error.ts';

// Crockford's base 32: no I, L, O, U, so that what is read off paper can be typed without guessing.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const secretBytes = 20;
const secretDigits = 32;
const checkDigits = 4;
const groupDigits = 6;

/** A new random recovery key of 160 bits, as shown: six groups of six, the last four digits a checksum. */
export function newRecoveryKey(): string {
  return showRecoveryKey(randomBytes(secretBytes));
}

/** The 20 secret bytes of a typed key, whatever its case, spaces, dashes and O/0, I/L/1; `no-key` when it is mistyped. */
export function parseRecoveryKey(text: string): Buffer {
  const digits = text
    .toUpperCase()
    .replaceAll(/[\s\-–—_.]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  const values = Array.from(digits, (digit) => alphabet.indexOf(digit));
  if (values.length !== secretDigits + checkDigits || values.includes(-1)) throw mistyped();
  const secret = bytesOf(values.slice(0, secretDigits));
  if (digits.slice(secretDigits) !== checksum(secret)) throw mistyped();
  return secret;
}

/** Whether a text reads as a recovery key; its check digits tell. */
export function isRecoveryKey(text: string): boolean {
  try {
    parseRecoveryKey(text);
    return true;
  } catch {
    // It reads as something else.
    return false;
  }
}

function showRecoveryKey(secret: Buffer): string {
  const digits = digitsOf(secret) + checksum(secret);
  return (digits.match(new RegExp(`.{${groupDigits}}`, 'g')) ?? []).join('-');
}

/** The first 20 bits of a hash: one typing mistake in a million passes, and is then no key of the vault. */
function checksum(secret: Buffer): string {
  const hash = createHash('sha256').update('trinity-backup recovery key').update(secret).digest();
  return digitsOf(hash.subarray(0, 5)).slice(0, checkDigits);
}

/** Base 32, most significant bits first; the length of `bytes` is a multiple of 5. */
function digitsOf(bytes: Buffer): string {
  let number = BigInt(`0x${bytes.toString('hex')}`);
  let digits = '';
  for (let index = 0; index < (bytes.length * 8) / 5; index += 1) {
    digits = alphabet.charAt(Number(number & 31n)) + digits;
    number >>= 5n;
  }
  return digits;
}

function bytesOf(values: readonly number[]): Buffer {
  const number = values.reduce((sum, value) => (sum << 5n) | BigInt(value), 0n);
  return Buffer.from(number.toString(16).padStart(secretBytes * 2, '0'), 'hex');
}

function mistyped(): AppError {
  return new AppError(
    'no-key',
    'The recovery key has a typing mistake. It is six groups of six letters and digits; compare it with the paper.',
  );
}
