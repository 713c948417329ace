import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** Where there is nothing yet: why, and what brings something. */
export function Empty({ title, children }: Readonly<{ title: string; children?: ReactNode }>) {
  return (
    <Stack gap="xs" align="center" py={48}>
      <Text fw={600}>{title}</Text>
      <Text c="var(--page-quiet)" ta="center" maw={480} component="div">
        {children}
      </Text>
    </Stack>
  );
}
