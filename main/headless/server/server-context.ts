import type { z } from 'zod';
import { backupOutcome, restoreOutcome } from '../../../shared/ipc/contract/tasks.ts';
import type { Application } from '../../app/application.ts';
import { type RememberedAgent, rememberedAgents } from '../../app/history/remembered-agents.ts';
import type { InputOf, OperationName, ResultOf } from '../../app/operations/operations.ts';
import type { TaskRecord, Tasks } from '../../app/tasks/tasks.ts';

const outcomes = { backup: backupOutcome, restore: restoreOutcome } as const;
type Outcomes = { readonly [Name in keyof typeof outcomes]: Readonly<z.infer<(typeof outcomes)[Name]>> };

/** What routes work with: operations, tasks, and what this edition may do. */
export class ServerContext {
  readonly #application: Application;

  constructor(application: Application) {
    this.#application = application;
  }

  get tasks(): Tasks {
    return this.#application.tasks;
  }

  /** An operation that is done soon. It goes on when whoever asked goes away. */
  async run<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<ResultOf<Name>> {
    const { signal } = new AbortController();
    return await this.#application.run(name, input, { signal, onProgress: () => undefined });
  }

  /** What a task came to, when it has ended. It goes on when whoever asked goes away. */
  async resultOf<Name extends keyof Outcomes>(name: Name, task: TaskRecord): Promise<Outcomes[Name]> {
    await task.done;
    if (task.error !== undefined) throw task.error;
    // The table ties name and schema together, which is lost where it is indexed by a type parameter.
    return outcomes[name].parse(task.result) as Outcomes[Name];
  }

  /** What the history knows of agents, where the vault cannot be asked. */
  async rememberedAgents(): Promise<readonly RememberedAgent[]> {
    const { engine, clock } = this.#application;
    return rememberedAgents(await engine.catalog(), clock.now());
  }

  requireEntitlement(feature: 'rest-writes'): void {
    this.#application.engine.entitlements.require('backup', feature);
  }
}
