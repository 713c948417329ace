import { TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { SavedSection } from '../SavedSection.tsx';
import { useDraft } from '../use-draft.ts';
import { problemOfAddress } from './web-address.ts';

type Props = Readonly<{
  title: string;
  about: string;
  label: string;
  placeholder: string;
  /** Of the setting that it is stored as. */
  name: 'webhook' | 'heartbeat';
  stored: string | undefined;
  actions?: ReactNode;
  children?: ReactNode;
}>;

/** An address that is asked for or sent to; an empty one switches it off. */
export function AddressSection({ title, about, label, placeholder, name, stored, actions, children }: Props) {
  const { draft, isChanged, set, discard } = useDraft({ url: stored ?? '' });
  const problem = problemOfAddress(draft.url);
  return (
    <SavedSection
      title={title}
      about={about}
      isChanged={isChanged}
      onDiscard={discard}
      actions={actions}
      changes={() =>
        problem === undefined
          ? [{ path: ['notifications', name], value: draft.url === '' ? null : { url: draft.url } }]
          : undefined
      }
    >
      <TextInput
        label={label}
        placeholder={placeholder}
        value={draft.url}
        error={problem}
        autoComplete="off"
        spellCheck={false}
        onChange={({ currentTarget }) => set({ url: currentTarget.value.trim() })}
      />
      {children}
    </SavedSection>
  );
}
