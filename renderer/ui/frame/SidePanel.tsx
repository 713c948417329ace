import { Drawer } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import classes from './SidePanel.module.css';

/** Details beside a list: closed by Escape, by its button, or by a click beside it. */
export function SidePanel({
  title,
  onClose,
  children,
}: Readonly<{ title: ReactNode; onClose: () => void; children: ReactNode }>) {
  // It is taken away whole, by which the drawer itself gives nothing back.
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <Drawer
      opened
      onClose={onClose}
      title={title}
      position="right"
      classNames={{ title: classes['title'] ?? '' }}
      size={520}
      // Holding back the scrolling writes a style into the page, which the policy forbids.
      lockScroll={false}
      transitionProps={{ duration: 120 }}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {children}
    </Drawer>
  );
}
