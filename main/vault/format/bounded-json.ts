import type { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { StorageOptions } from '../../storage/storage.ts';
import { readSealed } from './sealed-file.ts';
import type { SealedFile } from './sealed-file.ts';

/** Far more than any writer makes, and few enough to be checked in a second. */
const mostValues = 4_000_000;
const mostDepth = 64;

/** JSON of a known shape; undefined for anything else, be it made to exhaust whoever looks at it. */
export function parseBoundedJson<Schema extends z.ZodType>(
  schema: Schema,
  bytes: Buffer,
): z.output<Schema> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    // No JSON is no value of this shape.
    return undefined;
  }
  if (!isBounded(value)) return undefined;
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** The JSON in a sealed object; `damaged` when that does not open or holds something else. */
export async function readSealedJson<Schema extends z.ZodType>(
  file: SealedFile,
  schema: Schema,
  options?: StorageOptions,
): Promise<z.output<Schema>> {
  const value = parseBoundedJson(schema, await readSealed(file, options));
  if (value === undefined)
    throw new AppError('damaged', `The object ${file.name} is not what this version can read.`);
  return value;
}

/** Schemas call themselves for what lies deeper: without a bound the stack is what ends that. */
function isBounded(root: unknown): boolean {
  let left = mostValues;
  const walk = (value: unknown, depth: number): boolean => {
    left -= 1;
    if (left < 0 || depth > mostDepth) return false;
    if (typeof value !== 'object' || value === null) return true;
    return Object.values(value).every((inner) => walk(inner, depth + 1));
  };
  return walk(root, 0);
}
