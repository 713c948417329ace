import type { CallOutput } from '../../../../shared/ipc/contract.ts';

type Mail = NonNullable<CallOutput<'settings.get'>['notifications']['mail']>;

/** As it is stored; what is not given is left out. */
type MailValue = Readonly<Record<string, string | number | readonly string[]>>;

export const securities = [
  { value: 'tls', label: 'TLS' },
  { value: 'starttls', label: 'STARTTLS' },
  { value: 'none', label: 'None' },
] as const;

/** As it is filled in. */
export type MailDraft = Readonly<{
  host: string;
  port: string;
  security: Mail['security'];
  user: string;
  from: string;
  to: string;
}>;

const address = /^[^\s@<>,;]+@[^\s@<>,;]+$/u;

export function storedMail(mail: Mail | undefined): MailDraft {
  return {
    host: mail?.host ?? '',
    port: String(mail?.port ?? 465),
    security: mail?.security ?? 'tls',
    user: mail?.user ?? '',
    from: mail?.from ?? '',
    to: mail?.to.join(', ') ?? '',
  };
}

/** What is wrong, by field; with nothing filled in, nothing is. */
export function mailProblems(draft: MailDraft): Partial<Record<keyof MailDraft, string>> {
  const { host, port, from, to } = draft;
  if (isEmpty(draft)) return {};
  const receivers = listOf(to);
  const isPort = /^\d{1,5}$/u.test(port) && Number(port) >= 1 && Number(port) <= 65_535;
  return {
    ...(host.trim() === '' ? { host: 'Name the server, such as smtp.example.com.' } : {}),
    ...(isPort ? {} : { port: 'Choose 1 to 65535.' }),
    ...(address.test(from.trim()) ? {} : { from: 'Write it as backup@example.com.' }),
    ...(receivers.length > 0 && receivers.length <= 50 && receivers.every((each) => address.test(each))
      ? {}
      : { to: 'Write 1 to 50 addresses such as you@example.com.' }),
  };
}

/** As it is stored: null switches mail off; undefined while something is wrong. */
export function mailOf(draft: MailDraft): MailValue | null | undefined {
  if (isEmpty(draft)) return null;
  if (Object.keys(mailProblems(draft)).length > 0) return undefined;
  const { host, port, security, user, from, to } = draft;
  return {
    host: host.trim(),
    port: Number(port),
    security,
    ...(user.trim() === '' ? {} : { user: user.trim() }),
    from: from.trim(),
    to: listOf(to),
  };
}

function isEmpty({ host, user, from, to }: MailDraft): boolean {
  return [host, user, from, to].every((text) => text.trim() === '');
}

function listOf(text: string): string[] {
  return text
    .split(/[,;\s]+/u)
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
