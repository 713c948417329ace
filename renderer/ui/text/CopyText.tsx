import { CopyButton, UnstyledButton } from '@mantine/core';
import classes from './CopyText.module.css';

/** An id or a checksum: its beginning is shown, the whole is copied. */
export function CopyText({ text, what }: Readonly<{ text: string; what: string }>) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <UnstyledButton className={classes['text']} title={text} onClick={copy}>
          {text.slice(0, 8)} <span className={classes['hint']}>{copied ? 'copied' : 'copy'}</span>
          <span className={classes['unseen']}> the whole {what}</span>
        </UnstyledButton>
      )}
    </CopyButton>
  );
}
