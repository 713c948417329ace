import { assert as assertProperty, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newRecoveryKey, parseRecoveryKey } from '../../../../main/vault/keys/recovery-key.ts';

describe('recovery key', () => {
  it('is six groups of six from an alphabet without look-alikes', () => {
    expect(newRecoveryKey()).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{6}-){5}[0-9A-HJKMNP-TV-Z]{6}$/);
    expect(newRecoveryKey()).not.toBe(newRecoveryKey());
  });

  it('is read whatever its case, spaces and look-alikes', () => {
    for (let round = 0; round < 50; round += 1) {
      const key = newRecoveryKey();
      const secret = parseRecoveryKey(key);
      const sloppy = key
        .toLowerCase()
        .replaceAll('-', ' \n')
        .replaceAll('0', 'o')
        .replaceAll('1', round % 2 === 0 ? 'l' : 'I');
      expect(parseRecoveryKey(sloppy)).toEqual(secret);
      expect(parseRecoveryKey(key.replaceAll('-', ''))).toEqual(secret);
      expect(secret).toHaveLength(20);
    }
  });

  it('says a typing mistake: a wrong digit, a missing one, two that changed places', () => {
    const key = 'ABCDEF-GHJKMN-PQRSTV-WXYZ01-234567-';
    expect(() => parseRecoveryKey(`${key}000000`)).toThrow(expect.objectContaining({ kind: 'no-key' }));
    const good = newRecoveryKey();
    expect(() => parseRecoveryKey(good.slice(1))).toThrow(expect.objectContaining({ kind: 'no-key' }));
    expect(() => parseRecoveryKey(`U${good.slice(1)}`)).toThrow(expect.objectContaining({ kind: 'no-key' }));
    const other = good.startsWith('7') ? '8' : '7';
    expect(() => parseRecoveryKey(other + good.slice(1))).toThrow(
      expect.objectContaining({ kind: 'no-key' }),
    );
    expect(() => parseRecoveryKey('')).toThrow(expect.objectContaining({ kind: 'no-key' }));
  });

  it('never throws anything but its own error, whatever is typed', () => {
    assertProperty(
      property(string({ unit: 'binary', maxLength: 60 }), (text) => {
        try {
          parseRecoveryKey(text);
        } catch (error) {
          expect(error).toMatchObject({ kind: 'no-key' });
        }
      }),
    );
  });
});
