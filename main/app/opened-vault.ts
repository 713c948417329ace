import type { BackupSettings } from '../../shared/model/settings.ts';
import type { Vault } from '../vault/vault.ts';
import type { Home } from './home/home.ts';

export class OpenedVault implements AsyncDisposable {
  readonly vault: Vault;
  constructor(vault: Vault) {
    this.vault = vault;
  }
  static async open(
    _settings: BackupSettings,
    _parts: Readonly<{ home: Home; passphrase: string | undefined; now: () => number }>,
  ): Promise<OpenedVault> {
    throw new Error('not yet');
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.vault[Symbol.asyncDispose]();
  }
}
