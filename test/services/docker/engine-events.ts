import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import type { Engine } from './engine.ts';

/** Listens from now on for an event of a container (`die`, `start`, `pause`); `first` resolves when there is one. */
export async function firstEvent(
  { client }: Engine,
  event: string,
): Promise<Readonly<{ first: Promise<void> }>> {
  const events = await client.getEvents({ filters: { type: ['container'], event: [event] } });
  onTestFinished(() => void Object(events).destroy());
  return { first: once(events, 'data').then(() => undefined) };
}
