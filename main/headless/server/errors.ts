import type { FastifyInstance, FastifyReply } from 'fastify';
import { AppError } from '../../../shared/lib/app-error.ts';
import { appErrorOf } from '../../app/app-error-of.ts';
import { httpError, problemOf, problemType, statusOf } from './problem.ts';

/** Whatever goes wrong is answered as a problem, and never with more than a sentence. */
export function addErrors(app: FastifyInstance, onUnexpected: (error: unknown) => void): void {
  app.setErrorHandler(async (error, request, reply) => {
    const known = error instanceof AppError ? error : errorOfHttp(error);
    if (known === undefined) onUnexpected(error);
    const isPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    if (isPage && known !== undefined && statusOf(known) === 401) return await sendWayIn(reply);
    return await sendProblem(reply, known ?? unexpected(error));
  });
  app.setNotFoundHandler(async (_request, reply) => await sendProblem(reply, noSuchRoute()));
}

export async function sendProblem(reply: FastifyReply, error: AppError): Promise<FastifyReply> {
  const problem = problemOf(error);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  const { retryAfter, allow } = error.details;
  if (typeof retryAfter === 'number') reply.header('retry-after', String(retryAfter));
  if (typeof allow === 'string') reply.header('allow', allow);
  // As text that is JSON already: the type is not one that fastify writes by itself.
  return reply.code(problem.status).type(problemType).send(JSON.stringify(problem));
}

/** For people whose link is used up, or whose browser does not know it yet. */
async function sendWayIn(reply: FastifyReply): Promise<FastifyReply> {
  return await reply
    .code(401)
    .header('www-authenticate', 'Bearer')
    .type('text/html; charset=utf-8')
    .send(
      '<!doctype html><meta charset="utf-8"><title>Trinity Backup</title><p>Open the link that <code>trinity-backup link</code> prints on the server.</p>',
    );
}

export function noSuchRoute(): AppError {
  return httpError(404, 'not-found', 'There is nothing here: /openapi.json lists what is.');
}

/** What the disk or a bug made of it is for the log; of the disk at least the kind of trouble is told. */
function unexpected(error: unknown): AppError {
  const { message } = appErrorOf(error);
  const isOurs = !message.startsWith('Something unexpected');
  return new AppError('failed', isOurs ? message : 'Something unexpected happened: the log says what.');
}

/** Errors that fastify makes of what came in. */
function errorOfHttp(error: unknown): AppError | undefined {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  switch (status) {
    case 400:
      return httpError(400, 'usage', 'The body is not the JSON that was expected.');
    case 413:
      return httpError(413, 'usage', 'The body is over 1 MiB.');
    case 415:
      return httpError(415, 'usage', 'Send the body as application/json.');
    case 414:
    case 404:
      return noSuchRoute();
    default:
      return undefined;
  }
}
