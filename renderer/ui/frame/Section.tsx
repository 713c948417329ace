import { Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import classes from './Section.module.css';
import { StepHeading } from './StepHeading.tsx';

type Props = Readonly<{
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
  /** It is a step of a wizard: whoever comes to it is taken to its heading. */
  isStep?: boolean;
  children: ReactNode;
}>;

/** A part of a page, framed, with a heading of its own. */
export function Section({ title, about, actions, isStep = false, children }: Props) {
  const id = useId();
  return (
    <section className={classes['section']} aria-labelledby={id}>
      <Stack gap="md">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <div>
            <StepHeading id={id} takesFocus={isStep}>
              {title}
            </StepHeading>
            {about !== undefined && (
              <Text className={classes['about']} component="div">
                {about}
              </Text>
            )}
          </div>
          {actions}
        </Group>
        {children}
      </Stack>
    </section>
  );
}
