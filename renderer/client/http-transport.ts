import { z } from 'zod';
import { AppError } from '../../shared/lib/app-error.ts';
import type { Transport } from '../../shared/ipc/client.ts';
import { envelope } from '../../shared/ipc/envelope.ts';
import { eventModels } from '../../shared/model/events.ts';
import { browserStream, EventStream } from './event-stream.ts';

const session = z.object({ antiForgery: z.string() });

/** Calls and events over HTTP, of the service that gave out this page; the cookie of its link lets them in. */
export function httpTransport(): Transport {
  let proof: Promise<string> | undefined;
  return {
    call: async (name, input) => {
      proof ??= readProof();
      const response = await send(`/ipc/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-trinity-backup': await settled(proof) },
        body: JSON.stringify(input),
      });
      // A service that was started anew may want another proof: the next call asks for it.
      if (response.status === 401 || response.status === 403) proof = undefined;
      return await answerOf(response);
    },
    subscribe: (listener, onConnection) => {
      const stream = new EventStream(browserStream, {
        names: Object.keys(eventModels),
        onEvent: (name, data) => listener(name, parsed(data)),
        onConnection,
      });
      return () => stream.close();
    },
  };

  async function settled(asked: Promise<string>): Promise<string> {
    try {
      return await asked;
    } catch (error) {
      proof = undefined;
      throw error;
    }
  }
}

async function readProof(): Promise<string> {
  const response = await send('/session');
  if (!response.ok) throw signedOut();
  return session.parse(await response.json()).antiForgery;
}

async function send(path: string, request: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(path, request);
  } catch (error) {
    throw new AppError('unavailable', 'Trinity Backup does not answer: see whether it is still running.', {
      cause: error,
      details: { engineAway: true },
    });
  }
}

/** What stands at the door answers with a problem and not with an envelope. */
async function answerOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json().catch(() => undefined);
  if (envelope.safeParse(body).success) return body;
  if (response.status === 401) throw signedOut();
  const problem = z.object({ detail: z.string() }).safeParse(body);
  throw new AppError('failed', problem.data?.detail ?? 'The answer was not understood: reload the page.');
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    // Of another version, and nothing to this page.
    return undefined;
  }
}

function signedOut(): AppError {
  return new AppError(
    'refused',
    'This browser is not let in: open the link that trinity-backup serve prints.',
    {
      details: { signedOut: true },
    },
  );
}
