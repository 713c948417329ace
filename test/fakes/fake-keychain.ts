import type { KeychainPort } from '../../main/app/home/keychain.ts';

/** Hides little, and tells whose it is. */
export function fakeKeychain(name: string, kind: KeychainPort['kind'] = 'keychain'): KeychainPort {
  const turned = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0x55));
  return {
    kind,
    seal: (secret) => Buffer.concat([Buffer.from(name), turned(secret)]),
    open: (sealed) => {
      if (!sealed.toString('latin1').startsWith(name)) throw new Error('not mine');
      return turned(sealed.subarray(name.length));
    },
  };
}
