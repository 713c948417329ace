import { AppError } from '../../shared/lib/app-error.ts';
import type { PlanChange, PlannedPath } from '../../shared/model/restore-plan.ts';

/** Plans are looked at one at a time, in a window or two. */
const keptPlans = 4;

export type PathPage = Readonly<{ paths: readonly PlannedPath[]; next: number | null }>;

/** The paths behind the numbers of the newest plans of restores, in memory. */
export class KeptPlans {
  readonly #paths = new Map<string, readonly PlannedPath[]>();

  keep(planId: string, paths: readonly PlannedPath[]): void {
    this.#paths.set(planId, paths);
    for (const oldest of [...this.#paths.keys()].slice(0, -keptPlans)) this.#paths.delete(oldest);
  }

  /** A page of one number's paths, from the index `after` on; `not-found` once the plan has made room for others. */
  page(
    planId: string,
    wanted: Readonly<{ source: string; change: PlanChange; after: number; limit: number }>,
  ): PathPage {
    const paths = this.#paths.get(planId);
    if (paths === undefined)
      throw new AppError('not-found', 'This plan is kept no more: go back and plan the restore again.');
    const { source, change, after, limit } = wanted;
    const all = paths.filter((path) => path.source === source && path.change === change);
    const page = all.slice(after, after + limit);
    return { paths: page, next: after + page.length < all.length ? after + page.length : null };
  }
}
