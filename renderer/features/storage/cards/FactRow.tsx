import type { ReactNode } from 'react';
import classes from '../Storage.module.css';

/** Facts side by side, each with its name. */
export function FactRow({ facts }: Readonly<{ facts: readonly (readonly [string, ReactNode])[] }>) {
  return (
    <dl className={classes['facts']}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
