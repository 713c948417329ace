import { describe, expect, it } from 'vitest';
import { readRepeated } from '../../../../main/vault/chunks/read-repeated.ts';
import { MemoryChunks } from '../../../fakes/memory-chunks.ts';

async function read(chunks: MemoryChunks, order: readonly Uint8Array[]): Promise<string[]> {
  const texts: string[] = [];
  for await (const chunk of readRepeated(chunks, order)) texts.push(chunk.toString());
  return texts;
}

async function addAll(chunks: MemoryChunks, count: number): Promise<readonly Uint8Array[]> {
  return await Promise.all(
    Array.from({ length: count }, (_, number) => chunks.add(Buffer.from(`${number}`))),
  );
}

describe('readRepeated', () => {
  it('yields a chunk for each id in order, whatever comes again and how late', async () => {
    const chunks = new MemoryChunks();
    const ids = await addAll(chunks, 50);
    const numbers = Array.from(
      { length: 500 },
      (_, turn) => (turn * turn + Math.floor(turn / 9)) % ids.length,
    );
    const order = numbers.flatMap((number) => ids.slice(number, number + 1));
    expect(await read(chunks, order)).toEqual(numbers.map(String));
  });

  it('reads again what was not used for long, so that memory is bounded', async () => {
    const chunks = new MemoryChunks();
    const ids = await addAll(chunks, 40);
    await read(chunks, [...ids, ...ids.slice(-2), ...ids.slice(0, 2)]);
    expect(chunks.reads).toBe(42);
  });
});
