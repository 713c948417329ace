import { type RestoreStep, restoreSteps } from '../../../shared/model/restore-steps.ts';
import type { Progress, RestoreRequest, RunOptions } from '../services.ts';

/** The steps of one restore, told as progress; whatever tells progress by `options` tells it within the step that is on. */
export class RestoreSteps {
  readonly options: RunOptions;
  readonly #steps: readonly RestoreStep[];
  #current: Progress['step'];

  constructor({ destination, safetyBackup }: RestoreRequest, { signal, onProgress }: RunOptions) {
    this.#steps = restoreSteps(destination.way, safetyBackup);
    const tell = (progress: Progress): void =>
      onProgress?.(this.#current === undefined ? progress : { ...progress, step: this.#current });
    this.options = { signal, onProgress: tell };
  }

  /** A step that this restore does not count belongs to the one before it. */
  begin(name: RestoreStep): void {
    const index = this.#steps.indexOf(name);
    if (index === -1) return;
    this.#current = { number: index + 1, of: this.#steps.length, name };
    this.options.onProgress?.({ phase: name, done: 0, total: undefined, unit: 'bytes', detail: '' });
  }
}
