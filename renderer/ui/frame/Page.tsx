import { Group, Stack, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import classes from './Page.module.css';

/** A page: its title, what can be done on it, and its sections. */
export function Page({
  title,
  actions,
  children,
}: Readonly<{ title: string; actions?: ReactNode; children: ReactNode }>) {
  const heading = useId();
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, also while it holds nothing to act on
    <main className={classes['page']} aria-labelledby={heading} tabIndex={0}>
      <Stack gap={24} maw={980} mx="auto" p={32}>
        <Group justify="space-between" mih={36}>
          <Title order={1} id={heading}>
            {title}
          </Title>
          <Group gap="xs">{actions}</Group>
        </Group>
        {children}
      </Stack>
    </main>
  );
}
