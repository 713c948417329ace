import { AppError, hasCode } from '../../../shared/lib/app-error.ts';

/** What was being done when it failed, as words that follow "Docker could not": `pause the container x`. */
export type Doing = Readonly<{
  doing: string;
  url: string;
  /** Values that the engine might repeat in what it says, and that nobody may read. */
  secrets?: readonly string[] | undefined;
}>;

const maxEngineText = 300;

/** The error for an answer of 400 and above. `details.status` holds it. */
export function answerError(status: number, engineText: string, { doing, secrets }: Doing): AppError {
  const said = shownText(engineText, secrets ?? []);
  const details = { status };
  // The engine tells a full disk in words alone.
  if (status === 507 || /no space left on device|disk quota exceeded/iu.test(engineText)) {
    const message = `Docker could not ${doing}: the disk of the Docker engine is full. Free some space there, then try again.`;
    return new AppError('failed', message, { details: { ...details, engineDiskFull: true } });
  }
  if (status === 404) {
    const message = `Docker could not ${doing}: ${said}. Check that it is there, then try again.`;
    return new AppError('not-found', message, { details });
  }
  if (status === 409) {
    const message = `Docker could not ${doing}: ${said}. Wait until it is free, then try again.`;
    return new AppError('busy', message, { details });
  }
  if (status === 401 || status === 403) {
    const message = `Docker could not ${doing}, because it is not allowed to this user: ${said}. Ask who runs this engine.`;
    return new AppError('refused', message, { details });
  }
  const message = `Docker could not ${doing}: ${said}. Look into the log of the Docker engine, then try again.`;
  return new AppError('failed', message, { details });
}

/** The error for a request that got no answer, or only part of one. */
export function connectionError(error: unknown, { doing, url }: Doing): AppError {
  if (error instanceof AppError) return error;
  const options = { cause: withoutRequest(error), details: { engineGone: true } };
  if (hasCode(error, 'EACCES', 'EPERM')) {
    const message = `This user may not use the Docker engine at ${url}. Add the user to the group docker and log in again, or run this as root.`;
    return new AppError('unavailable', message, {
      ...options,
      details: { engineGone: true, engineForbidden: true },
    });
  }
  if (hasCode(error, 'ENOENT', 'ECONNREFUSED', 'ENOTSOCK')) {
    const message = `No Docker engine answers at ${url}. Start Docker, or name the engine with --docker-host.`;
    return new AppError('unavailable', message, {
      ...options,
      details: { engineGone: true, engineAbsent: true },
    });
  }
  const message = `The Docker engine at ${url} went away when it was asked to ${doing}. Check that Docker runs, then try again.`;
  return new AppError('unavailable', message, options);
}

export function stalledError(stallMs: number, { doing, url }: Doing): AppError {
  const seconds = String(Math.max(1, Math.round(stallMs / 1000)));
  const message = `The Docker engine at ${url} has not answered for ${seconds} s when it was asked to ${doing}. Restart Docker, then try again.`;
  return new AppError('unavailable', message, { details: { engineGone: true, stalled: true } });
}

export function unreadableAnswer({ doing, url }: Doing): AppError {
  const message = `The Docker engine at ${url} gave no usable answer when it was asked to ${doing}. Check its version and its log.`;
  return new AppError('failed', message);
}

/** The error of work that its signal ended: the signal's own, where that is one of ours. */
export function cancelledError(signal: AbortSignal): AppError {
  const reason: unknown = signal.reason;
  return reason instanceof AppError
    ? reason
    : new AppError('cancelled', 'The work was cancelled.', { cause: reason });
}

/** One bounded line of what an engine said, without control characters, the values to hide and a full stop at its end. */
export function shownText(engineText: string, secrets: readonly string[]): string {
  let text = messageIn(engineText);
  for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '…');
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  text = text.replaceAll(/[\u0000-\u001F\u007F-\u009F]+/gu, ' ').trim();
  if (text.length > maxEngineText) text = `${text.slice(0, maxEngineText)}…`;
  return text.replace(/\.$/u, '') || 'it did not say why';
}

function messageIn(engineText: string): string {
  try {
    const answer: unknown = JSON.parse(engineText);
    if (typeof answer === 'object' && answer !== null && 'message' in answer) return String(answer.message);
  } catch {
    // No JSON: the engine, or something before it, answered in plain text.
  }
  return engineText;
}

/** Errors of requests may carry the request with its headers and body; what is kept is what the system said. */
function withoutRequest(error: unknown): Error | undefined {
  return error instanceof Error ? new Error(error.message) : undefined;
}
