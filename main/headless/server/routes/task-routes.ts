import { z } from 'zod';
import { begun, type TaskRecord } from '../../../app/tasks/tasks.ts';
import type { ServerContext } from '../server-context.ts';
import { restError, taskModel } from './models.ts';
import { type RestAnswer, type Route, route } from './route.ts';
import { resultOfTask } from './task-results.ts';

const tasksPath = '/api/v1/admin/tasks';
const oneTask = z.strictObject({ id: z.string().regex(/^[0-9a-f]{32}$/) });

/** Seeing and cancelling what goes on. */
export function taskRoutes(context: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: `${tasksPath}/{id}`,
      operationId: 'getTask',
      summary: 'See how a task goes, and its result when it is done',
      access: 'token',
      params: oneTask,
      answers: { 200: { description: 'The task.', schema: taskModel } },
      errors: [404],
      handle: async ({ params }): Promise<RestAnswer> => ({
        status: 200,
        body: await taskBody(context, context.tasks.get(params.id)),
      }),
    }),
    route({
      method: 'DELETE',
      path: `${tasksPath}/{id}`,
      operationId: 'cancelTask',
      summary: 'Cancel a task: what was live stays, or comes back',
      access: 'token',
      params: oneTask,
      answers: {
        202: { description: 'It is being cancelled; how it ended, its route tells.', schema: taskModel },
      },
      errors: [404],
      handle: async ({ params }): Promise<RestAnswer> => {
        context.tasks.cancel(params.id);
        return { status: 202, body: await taskBody(context, context.tasks.get(params.id)) };
      },
    }),
  ];
}

/** The task goes on; what refuses it at once (busy, not found) is the answer to the request itself. */
export async function accepted(context: ServerContext, task: TaskRecord): Promise<RestAnswer> {
  await begun(task);
  return {
    status: 202,
    body: await taskBody(context, task),
    headers: { location: `${tasksPath}/${task.taskId}`, 'preference-applied': 'respond-async' },
  };
}

async function taskBody(context: ServerContext, task: TaskRecord): Promise<z.infer<typeof taskModel>> {
  const { taskId, operation, startedMs, finishedMs, progress, error } = task;
  const isDone = finishedMs !== undefined && error === undefined;
  return {
    task_id: taskId,
    operation,
    state: finishedMs === undefined ? 'running' : isDone ? 'succeeded' : 'failed',
    started_at: new Date(startedMs).toISOString(),
    finished_at: finishedMs === undefined ? null : new Date(finishedMs).toISOString(),
    progress:
      progress === undefined
        ? null
        : {
            phase: progress.phase,
            done: progress.done,
            total: progress.total ?? null,
            unit: progress.unit,
            step: progress.step ?? null,
          },
    result: isDone ? await resultOfTask(context, task) : null,
    error: error === undefined ? null : restError(error),
  };
}
