/** As much as REST takes: 1 MiB, counted as JSON. */
export const mostPayloadBytes = 1024 * 1024;
const deepest = 32;

/**
 * Whether a payload that a page has sent is plain JSON of a size that is worth looking at. A page can send whatever can be cloned: maps,
 * buffers, circles, a string of a gigabyte. Nothing of that is walked further than the limit.
 */
export function isPlainPayload(value: unknown, limit = mostPayloadBytes): boolean {
  return sizeOf(value, { left: limit, depth: 0 }) !== undefined;
}

type Room = Readonly<{ left: number; depth: number }>;

/** The size as JSON; undefined for what is too large, too deep or no JSON. */
function sizeOf(value: unknown, room: Room): number | undefined {
  const size = sizeOfOne(value, room);
  return size === undefined || size > room.left ? undefined : size;
}

function sizeOfOne(value: unknown, room: Room): number | undefined {
  switch (typeof value) {
    case 'string':
      // Cheap first: what is too long is not encoded to be counted.
      return value.length > room.left ? undefined : Buffer.byteLength(value) + 2;
    case 'number':
      return Number.isFinite(value) ? 8 : undefined;
    case 'boolean':
    case 'undefined':
      return 5;
    case 'object':
      return value === null ? 4 : sizeOfParts(value, room);
    case 'bigint':
    case 'function':
    case 'symbol':
    default:
      return undefined;
  }
}

function sizeOfParts(value: object, { left, depth }: Room): number | undefined {
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain || depth >= deepest) return undefined;
  // Holes take no room on the way, and all the time in the world to be looked at.
  if (Array.isArray(value) && value.length > left) return undefined;
  let size = 2;
  for (const [name, part] of Object.entries(value)) {
    const partSize = sizeOf(part, { left: left - size - name.length, depth: depth + 1 });
    if (partSize === undefined) return undefined;
    size += name.length + partSize + 4;
    if (size > left) return undefined;
  }
  return size;
}
