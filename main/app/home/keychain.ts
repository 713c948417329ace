/** Where a desktop keeps secrets: the keychain of the system, through Electron. */
export type KeychainPort = Readonly<{
  /** `plain`: there is none, and what is given to it would be kept as it is. */
  kind: 'keychain' | 'plain';
  seal: (secret: Buffer) => Buffer;
  /** Throws for what another keychain has sealed. */
  open: (sealed: Buffer) => Buffer;
}>;
