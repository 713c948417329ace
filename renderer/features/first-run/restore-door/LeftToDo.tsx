import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { serverCommand, startCommand, within } from '../../../../shared/lib/trinity-commands.ts';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { CommandLine } from '../../../ui/text/CommandLine.tsx';
import classes from '../FirstRun.module.css';
import { codeCommand } from './code-command.ts';
import { FinishInstall } from './FinishInstall.tsx';

type Props = Readonly<{
  backup: CallOutput<'backups.show'>;
  folder: string;
  /** Its server was not there: it is loaded before Trinity starts. */
  isDatabaseLeft: boolean;
}>;

/** What is left to do until the server runs as it did: what somebody has to type, in its order, and what is done from here. */
export function LeftToDo({ backup, folder, isDatabaseLeft }: Props) {
  const code = codeCommand(backup, folder);
  return (
    <ol className={classes['left']} aria-label="What is left to do">
      <Step words={`See that the old server does not run any more, and look through ${folder}/.env.`} />
      {code !== undefined && (
        <Step words="Bring Trinity’s own code to the version of the backup; nothing that was restored is overwritten:">
          <CommandLine command={code} label="The command that brings the code of Trinity" />
        </Step>
      )}
      {isDatabaseLeft ? (
        <Step words="Start the database server, and nothing else yet: Trinity would make an empty database of its own.">
          <CommandLine
            command={serverCommand(backup, folder)}
            label="The command that starts the database server"
          />
        </Step>
      ) : (
        <Step words="Start Trinity:">
          <CommandLine
            command={within(folder, startCommand(backup))}
            label="The command that starts Trinity"
          />
        </Step>
      )}
      <Step
        words={
          isDatabaseLeft
            ? 'Finish: the database is loaded, and it is said what comes next.'
            : 'Finish: Trinity starts the agents that ran when the backup was made.'
        }
      >
        <FinishInstall />
      </Step>
    </ol>
  );
}

function Step({ words, children }: Readonly<{ words: string; children?: ReactNode }>) {
  return (
    <li>
      <Stack gap="xs">
        <Text style={{ overflowWrap: 'anywhere' }}>{words}</Text>
        {children}
      </Stack>
    </li>
  );
}
