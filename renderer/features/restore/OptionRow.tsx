import { Group, UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './Restore.module.css';

/** One thing that can be chosen: its name, and what it means. */
export function OptionRow({
  title,
  children,
  isFlat = false,
  onChoose,
}: Readonly<{ title: ReactNode; children?: ReactNode; isFlat?: boolean; onChoose: () => void }>) {
  return (
    <UnstyledButton className={classes['option']} data-flat={isFlat || undefined} onClick={onChoose}>
      <Group justify="space-between" wrap="nowrap">
        <span>
          <span className={classes['title']}>{title}</span>
          <span className={classes['meaning']}>{children}</span>
        </span>
        <IconChevronRight size={16} aria-hidden="true" className={classes['chevron']} />
      </Group>
    </UnstyledButton>
  );
}
