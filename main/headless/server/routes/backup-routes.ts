import { z } from 'zod';
import { backupId } from '../../../../shared/model/backup-id.ts';
import type { ServerContext } from '../server-context.ts';
import { createBody, listModel, manifestModel, restManifest, taskModel } from './models.ts';
import { type RestAnswer, type Route, route } from './route.ts';
import { accepted } from './task-routes.ts';

export const backupsPath = '/api/v1/admin/backups';

const oneBackup = z.strictObject({ id: backupId });
const minuteMs = 60_000;
const mostListed = 200;

/** Making, seeing and deleting backups. */
export function backupRoutes(context: ServerContext): readonly Route[] {
  return [createRoute(context), listRoute(context), showRoute(context), deleteRoute(context)];
}

function createRoute(context: ServerContext): Route {
  return route({
    method: 'POST',
    path: backupsPath,
    operationId: 'createBackup',
    summary: 'Make a backup',
    access: 'token',
    isIdempotent: true,
    mayBeAsync: true,
    limit: { most: 10, withinMs: minuteMs },
    body: createBody.optional(),
    answers: {
      201: { description: 'The backup that was made.', schema: manifestModel },
      202: { description: 'It is being made: ask the task at `Location`.', schema: taskModel },
    },
    errors: [403, 404, 409, 422, 503],
    handle: async ({ body = {}, prefersAsync }): Promise<RestAnswer> => {
      context.requireEntitlement('rest-writes');
      const { components, agents, note } = body;
      const task = context.tasks.start('backup', {
        ...(components === undefined ? {} : { only: components }),
        ...(agents === undefined ? {} : { agents }),
        ...(note === undefined ? {} : { note }),
      });
      if (prefersAsync) return await accepted(context, task);
      const made = await manifestOfTask(context, await context.resultOf('backup', task));
      return { status: 201, body: made, headers: { location: `${backupsPath}/${made.backup_id}` } };
    },
  });
}

async function manifestOfTask(context: ServerContext, { backupId: id }: Readonly<{ backupId: string }>) {
  return restManifest(await context.run('show', { backupId: id }));
}

function listRoute(context: ServerContext): Route {
  return route({
    method: 'GET',
    path: backupsPath,
    operationId: 'listBackups',
    summary: 'List backups, newest first',
    access: 'token',
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(mostListed).default(50),
      cursor: z.string().min(1).max(1000).optional(),
    }),
    answers: { 200: { description: 'One page of backups.', schema: listModel } },
    errors: [404, 422, 503],
    handle: async ({ query: { limit, cursor } }): Promise<RestAnswer> => {
      const input = { trashed: false, limit, ...(cursor === undefined ? {} : { cursor }) };
      const { backups, next } = await context.run('listPage', input);
      const body = { backups: backups.map(restManifest), next_cursor: next, has_more: next !== null };
      return { status: 200, body };
    },
  });
}

function showRoute(context: ServerContext): Route {
  return route({
    method: 'GET',
    path: `${backupsPath}/{id}`,
    operationId: 'getBackup',
    summary: 'See one backup',
    access: 'token',
    params: oneBackup,
    answers: { 200: { description: 'The backup.', schema: manifestModel } },
    errors: [404, 422, 503],
    handle: async ({ params }): Promise<RestAnswer> => ({
      status: 200,
      body: restManifest(await context.run('show', { backupId: params.id })),
    }),
  });
}

function deleteRoute(context: ServerContext): Route {
  return route({
    method: 'DELETE',
    path: `${backupsPath}/{id}`,
    operationId: 'deleteBackup',
    summary: 'Move a backup to the trash',
    access: 'token',
    isIdempotent: true,
    limit: { most: 30, withinMs: minuteMs },
    params: oneBackup,
    answers: { 204: { description: 'It is in the trash.' } },
    errors: [403, 404, 409, 422, 503],
    handle: async ({ params }): Promise<RestAnswer> => {
      context.requireEntitlement('rest-writes');
      await context.run('delete', { backupId: params.id });
      return { status: 204 };
    },
  });
}
