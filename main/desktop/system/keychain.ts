import { safeStorage } from 'electron';
import type { KeychainPort } from '../../app/home/keychain.ts';

/** The keychain of this system, once ready. On Linux it may be one that hides nothing. */
export function systemKeychain(): KeychainPort {
  const isKept =
    safeStorage.isEncryptionAvailable() &&
    (process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text');
  return {
    kind: isKept ? 'keychain' : 'plain',
    seal: (secret) => safeStorage.encryptString(secret.toString('base64')),
    open: (sealed) => Buffer.from(safeStorage.decryptString(sealed), 'base64'),
  };
}
