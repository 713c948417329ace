import { Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import classes from './Section.module.css';

type Props = Readonly<{ title: string; about?: ReactNode; actions?: ReactNode; children: ReactNode }>;

/** A part of a page, framed, with a heading of its own. */
export function Section({ title, about, actions, children }: Props) {
  const id = useId();
  return (
    <section className={classes['section']} aria-labelledby={id}>
      <Stack gap="md">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <div>
            <Title order={2} id={id}>
              {title}
            </Title>
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
