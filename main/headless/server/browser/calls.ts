import type { FastifyInstance } from 'fastify';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { Application } from '../../../app/application.ts';
import { isPlainPayload } from '../../../app/ipc/payload.ts';
import { httpError, statusOf } from '../problem.ts';
import { addOtherMethods } from '../rest-routes.ts';

/** The calls of the contract: input as the body, an envelope as the answer, its status by the kind of error. */
export function addCalls(app: FastifyInstance, { calls }: Application): void {
  app.post<{ Params: { name: string } }>('/ipc/:name', async (request, reply) => {
    if (request.body === undefined) throw httpError(400, 'usage', 'Send the input of the call as JSON.');
    if (!isPlainPayload(request.body))
      throw httpError(400, 'usage', 'The input of the call is nested too deep.');
    // What a page began goes on when the page is closed.
    const answer = await calls.dispatch(request.params.name, request.body, new AbortController().signal);
    return await reply.code(answer.ok ? 200 : statusOfError(answer.error)).send(answer);
  });
  addOtherMethods(app, '/ipc/{name}', ['POST']);
}

function statusOfError({
  kind,
  message,
  details,
}: Readonly<{ kind: AppError['kind']; message: string; details: AppError['details'] }>) {
  if (details['unknownCall'] === true) return 404;
  return statusOf(new AppError(kind, message));
}
