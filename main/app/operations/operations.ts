/** Every operation by its name. Each is loaded when it is first used, with all that only it needs. */
export const operations = {
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
