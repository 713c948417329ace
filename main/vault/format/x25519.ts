import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

// The fixed DER starts of X25519 keys (RFC 8410); 32 raw bytes follow.
const privateStart = Buffer.from('302e020100300506032b656e04220420', 'hex');
const publicStart = Buffer.from('302a300506032b656e032100', 'hex');

/** A new key pair, 32 raw bytes each. */
export function newKeyPair(): Readonly<{ privateKey: Buffer; publicKey: Buffer }> {
  const pair = generateKeyPairSync('x25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  });
  return {
    privateKey: pair.privateKey.subarray(privateStart.length),
    publicKey: pair.publicKey.subarray(publicStart.length),
  };
}

/** The secret that the holders of two key pairs share; throws for a point of low order, which no honest writer makes. */
export function sharedSecret(privateKey: Buffer, publicKey: Buffer): Buffer {
  return diffieHellman({ privateKey: importPrivate(privateKey), publicKey: importPublic(publicKey) });
}

function importPrivate(raw: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privateStart, raw]), format: 'der', type: 'pkcs8' });
}

function importPublic(raw: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([publicStart, raw]), format: 'der', type: 'spki' });
}
