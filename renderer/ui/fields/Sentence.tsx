import type { ReactNode } from 'react';
import classes from './Sentence.module.css';

/** A sentence with fields in it; below it what one of them may be. */
export function Sentence({
  problem,
  children,
}: Readonly<{ problem?: string | undefined; children: ReactNode }>) {
  return (
    <div>
      <div className={classes['sentence']}>{children}</div>
      {problem !== undefined && (
        <p className={classes['problem']} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
