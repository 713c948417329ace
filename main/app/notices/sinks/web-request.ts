import { AppError } from '../../../../shared/lib/app-error.ts';

export type WebRequest = Readonly<{ method: 'GET' | 'POST'; url: string; body?: string; what: string }>;

/** Sends one request. The address may hold a token: it is in no error, only its host is. */
export async function webRequest(
  { method, url, body, what }: WebRequest,
  signal: AbortSignal,
): Promise<void> {
  const place = new URL(url).host;
  let status: number;
  try {
    const response = await fetch(url, {
      method,
      redirect: 'error',
      signal,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    });
    status = response.status;
    await response.body?.cancel();
  } catch (error) {
    const message = `The ${what} at ${place} does not answer: check its address and the network.`;
    throw new AppError('unavailable', message, { cause: error });
  }
  if (status >= 200 && status < 300) return;
  throw new AppError(
    'failed',
    `The ${what} at ${place} refused what was sent (status ${status}): check its address.`,
  );
}
