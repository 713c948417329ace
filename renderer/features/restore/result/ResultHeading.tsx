import { Text } from '@mantine/core';
import { useEffect, useRef } from 'react';

/** The one sentence that says how it goes or went; whoever waited for it is taken to it. */
export function ResultHeading({ children }: Readonly<{ children: string }>) {
  return <Sentence key={children} text={children} />;
}

function Sentence({ text }: Readonly<{ text: string }>) {
  const sentence = useRef<HTMLParagraphElement>(null);
  useEffect(() => sentence.current?.focus(), []);
  return (
    <Text size="xl" fw={600} role="status" ref={sentence} tabIndex={-1}>
      {text}
    </Text>
  );
}
