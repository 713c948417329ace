import { Text } from '@mantine/core';

/** A path of which the end stays in sight. To cut its beginning it runs from the right: without an end of that, a dot in front would go behind. */
export function PathText({ path, size }: Readonly<{ path: string; size: 'xs' | 'sm' }>) {
  return (
    <Text ff="monospace" size={size} truncate="start" title={path}>
      <bdi dir="ltr">{path}</bdi>
    </Text>
  );
}
