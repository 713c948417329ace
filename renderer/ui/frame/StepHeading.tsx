import { Title } from '@mantine/core';
import { useEffect, useRef } from 'react';
import classes from './StepHeading.module.css';

type Props = Readonly<{ children: string; takesFocus: boolean; id?: string }>;

/** Says what a step asks. Whoever comes to the step is taken here, so that a reader of the screen begins at its beginning. */
export function StepHeading({ children, takesFocus, id }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, [takesFocus]);
  return (
    <Title order={2} ref={heading} id={id} tabIndex={-1} className={classes['heading']}>
      {children}
    </Title>
  );
}
