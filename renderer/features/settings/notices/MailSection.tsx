import { NativeSelect, TextInput } from '@mantine/core';
import { type MailDraft, mailOf, mailProblems, securities, storedMail } from './mail.ts';
import classes from '../Settings.module.css';
import { SavedSection } from '../SavedSection.tsx';
import type { PartProps } from '../SettingsPage.tsx';
import { useDraft } from '../use-draft.ts';
import { useSendTest } from './use-send-test.tsx';
import { MailPassword } from './MailPassword.tsx';

/** Mail by a server of the operator's. */
export function MailSection({ settings: { notifications } }: PartProps) {
  const { mail } = notifications;
  const { draft, isChanged, set, discard } = useDraft<MailDraft>(storedMail(mail));
  const problems = mailProblems(draft);
  const { button, outcome } = useSendTest('mail', mail !== undefined);
  const wanted = mailOf(draft);
  const field = (name: 'host' | 'port' | 'user' | 'from' | 'to', label: string, placeholder: string) => (
    <TextInput
      label={label}
      placeholder={placeholder}
      value={draft[name]}
      error={problems[name]}
      autoComplete="off"
      spellCheck={false}
      onChange={({ currentTarget }) => set({ [name]: currentTarget.value })}
    />
  );
  return (
    <SavedSection
      title="Mail"
      about="Each notice is sent as a mail. Without a mail server: off."
      isChanged={isChanged}
      onDiscard={discard}
      actions={button}
      changes={() =>
        wanted === undefined ? undefined : [{ path: ['notifications', 'mail'], value: wanted }]
      }
    >
      <div className={classes['fields']}>
        {field('host', 'Mail server', 'smtp.example.com')}
        {field('port', 'Port', '465')}
        <NativeSelect
          label="Encryption"
          data={[...securities]}
          value={draft.security}
          onChange={({ currentTarget }) =>
            set({ security: securities.find(({ value }) => value === currentTarget.value)?.value ?? 'tls' })
          }
        />
        {field('user', 'User (if wanted)', 'backup@example.com')}
        {field('from', 'From', 'backup@example.com')}
        {field('to', 'To (commas between)', 'you@example.com')}
      </div>
      {mail?.user !== undefined && <MailPassword user={mail.user} />}
      {outcome}
    </SavedSection>
  );
}
