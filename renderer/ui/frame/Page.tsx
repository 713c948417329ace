import { Group, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A page: its title, what can be done on it, and its sections. */
export function Page({
  title,
  actions,
  children,
}: Readonly<{ title: string; actions?: ReactNode; children: ReactNode }>) {
  return (
    <Stack gap={24} maw={980} mx="auto" p={32} component="main">
      <Group justify="space-between" mih={36}>
        <Title order={1}>{title}</Title>
        <Group gap="xs">{actions}</Group>
      </Group>
      {children}
    </Stack>
  );
}
