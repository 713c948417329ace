import { once } from 'node:events';
import { connect } from 'node:net';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { NoticeMessage } from '../../../../shared/model/notice.ts';
import type { NotificationSettings } from '../../../../shared/model/notification-settings.ts';
import { noticeWords } from '../notice-words.ts';
import { isForPeople, type NoticeSink } from './sink.ts';

type MailSettings = NonNullable<NotificationSettings['mail']>;

export type MailParts = Readonly<{
  settings: MailSettings;
  /** Asked for when it is needed; undefined where none is kept. */
  password: () => Promise<string | undefined>;
  host: string;
}>;

const limitMs = 20_000;

/** The password is kept for one user of one server: changing either must not send it elsewhere. */
export function mailCredential({ user, host, port }: Pick<MailSettings, 'user' | 'host' | 'port'>): string {
  return `mail ${user ?? ''} ${host}:${port}`;
}

/** Mail by SMTP. */
export function mailSink(parts: MailParts): NoticeSink {
  return {
    name: 'mail',
    isDisturbing: true,
    wants: isForPeople,
    deliver: async (message, signal) => await send(parts, message, signal),
  };
}

async function send(
  { settings, password, host }: MailParts,
  message: NoticeMessage,
  signal: AbortSignal,
): Promise<void> {
  const pass = settings.user === undefined ? undefined : await password();
  // A socket of our own: only so does an abort end it, wherever the server has stopped answering.
  const socket = connect({ host: settings.host, port: settings.port });
  // Between our steps nobody listens, and an error that nobody hears ends the process.
  socket.on('error', () => undefined);
  const stop = (): void => void socket.destroy(new Error('It took too long.'));
  signal.addEventListener('abort', stop);
  try {
    if (signal.aborted) stop();
    await once(socket, 'connect', { signal });
    const { createTransport } = await import('nodemailer');
    signal.throwIfAborted();
    const transport = createTransport({ ...transportOptions(settings, pass), connection: socket });
    await transport.sendMail(mailOf(message, settings, host));
  } catch (error) {
    throw mailError(error, settings);
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

function transportOptions(settings: MailSettings, pass: string | undefined) {
  return {
    host: settings.host,
    port: settings.port,
    secure: settings.security === 'tls',
    requireTLS: settings.security === 'starttls',
    ignoreTLS: settings.security === 'none',
    greetingTimeout: limitMs,
    socketTimeout: limitMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(settings.user === undefined ? {} : { auth: { user: settings.user, pass: pass ?? '' } }),
  };
}

function mailOf(message: NoticeMessage, { from, to }: MailSettings, host: string) {
  const { title, body } = noticeWords(message);
  const action = message.cause.action === null ? [] : [`What mends it: ${message.cause.action.label}.`];
  return {
    from: { name: `Trinity Backup on ${host}`, address: from },
    to: [...to],
    subject: title,
    text: [body, ...action, '', `Trinity Backup on ${host}`, ''].join('\n'),
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}

function mailError(error: unknown, { host, user }: MailSettings): AppError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // What the server answered is not told: some repeat what they were sent.
  if (code === 'EAUTH' || code === 'ENOAUTH') {
    const message = `The mail server ${host} does not accept the password of ${user ?? 'nobody'}: give it again.`;
    return new AppError('failed', message, { cause: error });
  }
  if (code === 'EENVELOPE') {
    const message = `The mail server ${host} refuses the addresses: check from and to in notifications.mail.`;
    return new AppError('failed', message, { cause: error });
  }
  const message = `No mail could be sent by ${host}: check notifications.mail (host, port, security) and the network.`;
  return new AppError('unavailable', message, { cause: error });
}
