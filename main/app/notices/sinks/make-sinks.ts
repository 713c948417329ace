import { hostname } from 'node:os';
import { type SinkName, sinkNames } from '../../../../shared/model/notice.ts';
import type { NotificationSettings } from '../../../../shared/model/notification-settings.ts';
import type { CredentialStore } from '../../home/credential-store.ts';
import { mailCredential, mailSink } from './mail-sink.ts';
import type { NoticeSink } from './sink.ts';
import { type TrayPort, traySink } from './tray-sink.ts';
import { webhookSink } from './webhook-sink.ts';

type Reason = Readonly<{ reason: string }>;

export type SinkParts = Readonly<{
  credentials: CredentialStore;
  tray: TrayPort | undefined;
  /** Trinity's operator queue, or why there is none. */
  queue: NoticeSink | Reason;
}>;

/** The sinks that are on, and why others are not. */
export type Sinks = Readonly<{
  on: readonly NoticeSink[];
  off: readonly (Reason & Readonly<{ name: SinkName }>)[];
}>;

/** Made anew for each use, so that changed settings hold at once. */
export function makeSinks(settings: NotificationSettings, parts: SinkParts): Sinks {
  const { webhook, mail, operatorQueue } = settings;
  const host = hostname();
  const credentials = parts.credentials;
  const password = async (): Promise<string | undefined> =>
    mail === undefined ? undefined : await credentials.read(mailCredential(mail));
  const found: Readonly<Record<SinkName, NoticeSink | Reason>> = {
    tray: parts.tray === undefined ? { reason: 'No desktop is attached.' } : traySink(parts.tray),
    webhook:
      webhook === undefined ? { reason: 'Set notifications.webhook.url.' } : webhookSink(webhook.url, host),
    mail:
      mail === undefined
        ? { reason: 'Set notifications.mail.' }
        : mailSink({ settings: mail, password, host }),
    queue: operatorQueue ? parts.queue : { reason: 'Switch notifications.operatorQueue on.' },
  };
  const on = Object.values(found).filter((sink) => 'deliver' in sink);
  const off = sinkNames.flatMap((name) => {
    const sink = found[name];
    return 'deliver' in sink ? [] : [{ name, reason: sink.reason }];
  });
  return { on, off };
}
