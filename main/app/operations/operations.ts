/** Every operation by its name. Each is loaded when it is first used, with all that only it needs. */
export const operations = {
  install: async () => (await import('./install.ts')).install,
  installLook: async () => (await import('./install.ts')).installLook,
  init: async () => (await import('./init.ts')).init,
  connect: async () => (await import('./connect.ts')).connect,
  backup: async () => (await import('./backup.ts')).backup,
  list: async () => (await import('./list.ts')).list,
  listPage: async () => (await import('./list-page.ts')).listPage,
  show: async () => (await import('./list.ts')).show,
  files: async () => (await import('./browse.ts')).files,
  filesPage: async () => (await import('./browse.ts')).filesPage,
  diff: async () => (await import('./browse.ts')).diff,
  find: async () => (await import('./browse.ts')).find,
  restore: async () => (await import('./restore.ts')).restore,
  finish: async () => (await import('./finish.ts')).finish,
  restorePlan: async () => (await import('./restore.ts')).restorePlan,
  endQuietStart: async () => (await import('./quiet-start.ts')).endQuietStart,
  export: async () => (await import('./export.ts')).exportBackup,
  verify: async () => (await import('./check.ts')).verify,
  collect: async () => (await import('./check.ts')).collect,
  status: async () => (await import('./status.ts')).status,
  drillPlan: async () => (await import('./check.ts')).drillPlan,
  drill: async () => (await import('./check.ts')).drill,
  pin: async () => (await import('./keep.ts')).pin,
  delete: async () => (await import('./keep.ts')).deleteOne,
  undelete: async () => (await import('./keep.ts')).undelete,
  prune: async () => (await import('./keep.ts')).prune,
  lastCopies: async () => (await import('./keep.ts')).lastCopiesOf,
  keysList: async () => (await import('./keys.ts')).keysList,
  keysAddPassphrase: async () => (await import('./keys.ts')).keysAddPassphrase,
  keysNewRecoveryKey: async () => (await import('./keys.ts')).keysNewRecoveryKey,
  keysRemove: async () => (await import('./keys.ts')).keysRemove,
  keysRotate: async () => (await import('./keys.ts')).keysRotate,
  recoveryKeyCheck: async () => (await import('./recovery-kit.ts')).recoveryKeyCheck,
  recoveryKitPage: async () => (await import('./recovery-kit.ts')).recoveryKitPage,
  recoveryKit: async () => (await import('./recovery-kit.ts')).recoveryKit,
  history: async () => (await import('./history.ts')).history,
  runDetails: async () => (await import('./history.ts')).runDetails,
  events: async () => (await import('./history.ts')).events,
  coverage: async () => (await import('./history.ts')).coverage,
  notices: async () => (await import('./notices.ts')).notices,
  noticesPause: async () => (await import('./notices.ts')).noticesPause,
  noticesTest: async () => (await import('./notices.ts')).noticesTest,
  mailPassword: async () => (await import('./notices.ts')).mailPassword,
  supportBundle: async () => (await import('./support-bundle.ts')).supportBundle,
  logs: async () => (await import('./logs.ts')).logs,
  entitlements: async () => (await import('./entitlements.ts')).entitlements,
  copiesAdd: async () => (await import('./copies.ts')).copiesAdd,
  copiesRemove: async () => (await import('./copies.ts')).copiesRemove,
  copiesStatus: async () => (await import('./copies.ts')).copiesStatus,
  copiesRun: async () => (await import('./copies.ts')).copiesRun,
  homeInfo: async () => (await import('./home-info.ts')).homeInfo,
  vaultSize: async () => (await import('./home-info.ts')).vaultSize,
  apiToken: async () => (await import('./doors.ts')).apiToken,
  pagesLink: async () => (await import('./doors.ts')).pagesLink,
  recover: async () => (await import('./recover.ts')).recover,
  storageTest: async () => (await import('./storage-test.ts')).storageTest,
  schedule: async () => (await import('./schedule.ts')).schedule,
  pause: async () => (await import('./schedule.ts')).pause,
  resume: async () => (await import('./schedule.ts')).resume,
  cancel: async () => (await import('./schedule.ts')).cancel,
  settingsGet: async () => (await import('./settings.ts')).settingsGet,
  settingsSet: async () => (await import('./settings.ts')).settingsSet,
} as const;

export type OperationName = keyof typeof operations;

type OperationOf<Name extends OperationName> = Awaited<ReturnType<(typeof operations)[Name]>>;
/** What an operation is asked with, as its schema gives it out. */
export type InputOf<Name extends OperationName> = ReturnType<OperationOf<Name>['parse']>;
/** What it answers; plain JSON. */
export type ResultOf<Name extends OperationName> = Awaited<ReturnType<OperationOf<Name>['run']>>;

export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(operations, name);
}
