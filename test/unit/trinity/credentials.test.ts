import { describe, expect, it } from 'vitest';
import { keyFingerprint, openEnvelope } from '../../../main/trinity/credentials.ts';

// The test vector of trinity.md 4.
const key = '00112233445566778899aabbccddeeff'.repeat(2);
const envelope = {
  version: 1,
  algorithm: 'AES-256-GCM',
  nonce: 'AAECAwQFBgcICQoL',
  ciphertext: 'bTrUWDQhv9m5UgyjUKUNcAVQ3lzBJFnsUg81qVeWCEqkqBVDg4dagJLZyp2rue8t',
};

describe('openEnvelope', () => {
  it("opens Trinity's envelopes", () => {
    expect(openEnvelope(key, JSON.stringify(envelope, null, 2))).toBe('{"anthropic_api_key": "sk-test"}');
    expect(openEnvelope(key.toUpperCase(), JSON.stringify(envelope))).toContain('sk-test');
  });

  it('says that the key does not fit, when it is another, malformed, or the text was changed', () => {
    const changed = { ...envelope, ciphertext: `A${envelope.ciphertext.slice(1)}` };
    const tries = [
      ['ff'.repeat(32), envelope],
      ['short', envelope],
      [key, changed],
      [key, { ...envelope, ciphertext: 'AAAA' }],
      [key, { ...envelope, nonce: '' }],
    ] as const;
    for (const [tried, sealed] of tries) {
      expect(() => openEnvelope(tried, JSON.stringify(sealed))).toThrow(
        expect.objectContaining({ kind: 'no-key' }),
      );
    }
  });

  it.each([
    '',
    'xoxb-plain-token',
    '{}',
    '[]',
    'null',
    '{"version":2}',
    JSON.stringify({ ...envelope, nonce: 'not base64!' }),
  ])('says that %j is no envelope', (text) => {
    expect(() => openEnvelope(key, text)).toThrow(expect.objectContaining({ kind: 'damaged' }));
  });
});

describe('keyFingerprint', () => {
  it('tells keys and vaults apart, whatever the case of the digits', () => {
    const print = keyFingerprint(key, 'vault');
    expect(print).toMatch(/^[0-9a-f]{16}$/u);
    expect(keyFingerprint(key.toUpperCase(), 'vault')).toBe(print);
    expect(keyFingerprint('ff'.repeat(32), 'vault')).not.toBe(print);
    expect(keyFingerprint(key, 'other')).not.toBe(print);
    expect(keyFingerprint('', 'vault')).toBeUndefined();
    expect(keyFingerprint(undefined, 'vault')).toBeUndefined();
  });
});
