import { Button, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorNotice } from '../../ui/state/ErrorNotice.tsx';
import { Section } from '../../ui/frame/Section.tsx';
import { type Change, useSave } from './use-draft.ts';

type Props = Readonly<{
  title: string;
  about?: string;
  isChanged: boolean;
  /** What the button stores; undefined while something that is filled in cannot be. */
  changes: () => readonly Change[] | undefined;
  onDiscard: () => void;
  /** What can be done beside saving. */
  actions?: ReactNode;
  children: ReactNode;
}>;

/** Fields that are stored together, by one button. */
export function SavedSection({ title, about, isChanged, changes, onDiscard, actions, children }: Props) {
  const save = useSave();
  const wanted = changes();
  return (
    <Section title={title} {...(about === undefined ? {} : { about })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isChanged && wanted !== undefined) save.mutate(wanted);
        }}
      >
        <Stack gap="md">
          {children}
          {save.error !== null && <ErrorNotice error={save.error} />}
          <Group>
            <Button type="submit" loading={save.isPending} disabled={!isChanged || wanted === undefined}>
              Save
            </Button>
            {isChanged && (
              <Button variant="default" onClick={onDiscard}>
                Discard
              </Button>
            )}
            {actions}
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
