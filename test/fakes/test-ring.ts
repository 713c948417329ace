import { randomBytes } from 'node:crypto';
import { KeyRing } from '../../main/vault/keys/key-ring.ts';

/** A ring of random keys; with `like` one of the same vault that begins with the same generations. */
export function createTestRing(options: Readonly<{ generations?: number; like?: KeyRing }> = {}): KeyRing {
  const masters = [...(options.like?.masters ?? [])];
  while (masters.length < (options.generations ?? 1)) {
    masters.push({
      generation: masters.length + 1,
      created: '2026-01-01T00:00:00.000Z',
      key: randomBytes(32),
    });
  }
  return new KeyRing(options.like?.vaultId ?? randomBytes(16).toString('hex'), masters);
}
