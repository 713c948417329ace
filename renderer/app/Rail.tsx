import {
  ActionIcon,
  Text,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { useCall } from '../client/engine.tsx';
import { StateShape } from '../ui/state/StateShape.tsx';
import classes from './Rail.module.css';
import { addressOf, type PageName, pages } from './routes.ts';
import { useAwaySince } from './use-away.ts';

/** The way to every page; below it how all stands, always in sight. */
export function Rail({ current }: Readonly<{ current: PageName }>) {
  return (
    <div className={classes['rail']}>
      <Text className={classes['name']} fw={600}>
        Trinity Backup
      </Text>
      <nav aria-label="Pages" className={classes['pages']}>
        {pages.map(({ name, label }) => (
          <a
            key={name}
            href={addressOf(name)}
            className={classes['page']}
            aria-current={name === current ? 'page' : undefined}
          >
            {label}
          </a>
        ))}
      </nav>
      <div className={classes['foot']}>
        <RailState />
        <SchemeSwitch />
      </div>
    </div>
  );
}

/** What cannot be asked is not said to be well. */
const unknown = { shape: 'clock', severity: 'attention', short: 'State not known' } as const;

function RailState() {
  const { data, error } = useCall('status.get', {});
  const isAway = useAwaySince() !== undefined;
  if (data === undefined && error === null && !isAway) return <span className={classes['told']} />;
  const shown = data === undefined || error !== null || isAway ? unknown : data;
  return (
    // The link takes its name from what it says, which it would not from a part that tells of changes itself.
    <div role="status" className={classes['told']}>
      <UnstyledButton component="a" href={addressOf('overview')} className={classes['state']}>
        <StateShape shape={shown.shape} severity={shown.severity} size={18} />
        <span>{shown.short}</span>
      </UnstyledButton>
    </div>
  );
}

function SchemeSwitch() {
  // Mantine would hold back transitions by a style written into the page, which the policy forbids.
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const shown = useComputedColorScheme('light');
  const other = shown === 'dark' ? 'light' : 'dark';
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={`Use the ${other} theme`}
      onClick={() => setColorScheme(other)}
    >
      {other === 'dark' ? <IconMoon size={16} /> : <IconSun size={16} />}
    </ActionIcon>
  );
}
