// No import here: the preload bundles this file and must stay small.

/** Every call that a page can make, `domain.verb`; contract.ts says what goes in and comes out. */
export const callNames = [
  'status.get',
  'backups.list',
  'backups.show',
  'backups.files',
  'backups.find',
  'backups.compare',
  'backups.pin',
  'backups.delete',
  'backups.undelete',
  'tasks.list',
  'tasks.get',
  'tasks.cancel',
  'backup.start',
  'restore.plan',
  'restore.start',
  'verify.start',
  'drill.start',
  'export.start',
  'retention.prune',
  'install.set',
  'vault.init',
  'vault.connect',
  'keys.list',
  'keys.addPassphrase',
  'keys.newRecoveryKey',
  'keys.remove',
  'keys.rotate',
  'keys.recoveryKit',
  'settings.get',
  'settings.set',
] as const;

export type CallName = (typeof callNames)[number];
