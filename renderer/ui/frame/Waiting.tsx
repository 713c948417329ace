import { Group, Loader, Text } from '@mantine/core';
import { useEffect, useState } from 'react';

const patienceMs = 300;

/** Says what is awaited, once the wait is long enough to be noticed. */
export function Waiting({ what }: Readonly<{ what: string }>) {
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLong(true), patienceMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Group gap="sm" py="xl" justify="center" role="status" mih={80}>
      {isLong && (
        <>
          <Loader size="sm" aria-hidden="true" />
          <Text c="var(--page-quiet)">{what}</Text>
        </>
      )}
    </Group>
  );
}
