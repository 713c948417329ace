import { Button, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Section } from '../../ui/frame/Section.tsx';

type Props = Readonly<{
  title: string;
  about?: string;
  /** What the button that goes on says. */
  action: ReactNode;
  isReady: boolean;
  isBusy?: boolean;
  onSubmit: () => void;
  onBack: () => void;
  children: ReactNode;
}>;

/** One step of the set-up: its fields, on by Enter or the button once they are filled in, and back. */
export function StepForm(props: Props) {
  const { title, about, action, isReady, isBusy = false, onSubmit, onBack, children } = props;
  return (
    <Section title={title} about={about} isStep>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) onSubmit();
        }}
      >
        <Stack gap="md">
          {children}
          <Group>
            <Button type="submit" loading={isBusy} disabled={!isReady}>
              {action}
            </Button>
            <Button variant="default" onClick={onBack}>
              Back
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
