import type { z } from 'zod';
import { agentCalls } from './contract/agents.ts';
import type { DeepReadonly } from '../lib/deep-readonly.ts';
import { backupCalls } from './contract/backups.ts';
import { firstRunCalls } from './contract/first-run.ts';
import { desktopCalls } from './contract/desktop.ts';
import { historyCalls } from './contract/history.ts';
import { noticeCalls } from './contract/notices.ts';
import type { CallSpec } from './contract/parts.ts';
import { placeCalls } from './contract/places.ts';
import { scheduleCalls } from './contract/schedule.ts';
import { setupCalls } from './contract/setup.ts';
import { statusCalls } from './contract/status.ts';
import { taskCalls } from './contract/tasks.ts';
import type { CallName } from './names.ts';

/** The one contract between pages and engine, in process, over Electron and over HTTP. */
export const contract = {
  ...statusCalls,
  ...backupCalls,
  ...historyCalls,
  ...agentCalls,
  ...scheduleCalls,
  ...taskCalls,
  ...placeCalls,
  ...noticeCalls,
  ...setupCalls,
  ...firstRunCalls,
  ...desktopCalls,
} as const satisfies Readonly<Record<CallName, CallSpec>>;

type Spec<Name extends CallName> = (typeof contract)[Name];

/** What a page gives: defaults may be left out. */
export type CallInput<Name extends CallName> = DeepReadonly<z.input<Spec<Name>['input']>>;
/** What a handler is given, checked and with defaults. */
export type HandlerInput<Name extends CallName> = z.output<Spec<Name>['input']>;
/** What a page gets; a handler may answer with more, which stays behind. */
export type CallOutput<Name extends CallName> = DeepReadonly<z.output<Spec<Name>['output']>>;
/** What a handler answers, before what the contract does not name is cut off. */
export type HandlerOutput<Name extends CallName> = DeepReadonly<z.input<Spec<Name>['output']>>;

export function isCallName(name: string): name is CallName {
  return Object.hasOwn(contract, name);
}
