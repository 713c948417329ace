import { httpError } from '../problem.ts';
import type { ServerContext } from '../server-context.ts';
import { backupsPath } from './backup-routes.ts';
import { restoreBody, restoreModel, taskModel } from './models.ts';
import { restoreResult } from './task-results.ts';
import { type RestAnswer, type Route, route } from './route.ts';
import { accepted } from './task-routes.ts';

export function restoreRoute(context: ServerContext): Route {
  return route({
    method: 'POST',
    path: `${backupsPath}/restore`,
    operationId: 'restoreBackup',
    summary: 'Replace what is live by a backup or components of it, or make a new agent of one in it',
    access: 'token',
    isIdempotent: true,
    mayBeAsync: true,
    limit: { most: 10, withinMs: 60_000 },
    body: restoreBody,
    answers: {
      200: { description: 'It is restored and checked.', schema: restoreModel },
      202: {
        description: 'It is being restored: ask the task at `Location`, or cancel it.',
        schema: taskModel,
      },
    },
    errors: [404, 409, 422, 503],
    handle: async ({ body, prefersAsync }): Promise<RestAnswer> => {
      if (body.confirm !== true) {
        throw httpError(422, 'usage', 'This replaces what is live: send "confirm": true to do it.');
      }
      if ((body.agent === undefined) !== (body.as === undefined)) {
        throw httpError(400, 'usage', 'Send "agent" and "as" together: whose copy is made, and its name.');
      }
      const task = context.tasks.start('restore', {
        backupId: body.backup_id,
        ...(body.components === undefined ? {} : { only: body.components }),
        ...(body.agent === undefined ? {} : { agents: [body.agent] }),
        destination: body.as === undefined ? { way: 'in-place' } : { way: 'as', name: body.as },
        safetyBackup: body.allow_no_safety_backup === true ? 'if-possible' : true,
      });
      if (prefersAsync) return await accepted(context, task);
      return { status: 200, body: await restoreResult(context, await context.resultOf('restore', task)) };
    },
  });
}
