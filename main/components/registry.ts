import { AppError } from '../../shared/lib/app-error.ts';
import type { ComponentHandler } from './component-handler.ts';
import { configHandler } from './config-handler.ts';
import { filesHandler } from './files-handler.ts';
import { memoryHandler } from './memory-handler.ts';
import { pathsHandler } from './paths-handler.ts';
import { persistenceHandler } from './persistence-handler.ts';

/** The handlers of a process, in the order in which components are copied and put back. */
export class ComponentRegistry {
  readonly #handlers: readonly ComponentHandler[];

  constructor(handlers: readonly ComponentHandler[]) {
    const names = handlers.map(({ component }) => component);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw new AppError(
        'refused',
        `Two handlers are registered for the component "${twice}". Register one of them only.`,
      );
    }
    this.#handlers = handlers;
  }

  get components(): readonly string[] {
    return this.#handlers.map(({ component }) => component);
  }

  get handlers(): readonly ComponentHandler[] {
    return this.#handlers;
  }

  find(component: string): ComponentHandler | undefined {
    return this.#handlers.find((handler) => handler.component === component);
  }

  /** A registry with one more handler, after those that are there. */
  with(handler: ComponentHandler): ComponentRegistry {
    return new ComponentRegistry([...this.#handlers, handler]);
  }
}

/** Database first, since what a later part holds may be younger than the rows that name it, never older. */
export function builtInRegistry(): ComponentRegistry {
  return new ComponentRegistry([
    persistenceHandler,
    configHandler,
    filesHandler,
    memoryHandler,
    pathsHandler,
  ]);
}
