import { Button, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countOf, countText } from '../../../../shared/lib/size-text.ts';
import { sourceName } from '../../../ui/text/words.ts';
import classes from '../History.module.css';

type Shown = CallOutput<'backups.show'>;
type Finding = Shown['warnings'][number];

type Props = Readonly<{
  title: string;
  findings: readonly Finding[];
  sources: Shown['sources'];
  /** Expected omissions are there for whoever asks. */
  isQuiet?: boolean;
}>;

const first = 20;

/** What was said of single files and parts; a long list is shown in steps. */
export function Findings({ title, findings, sources, isQuiet = false }: Props) {
  const [shown, setShown] = useState(isQuiet ? 0 : first);
  if (findings.length === 0) return null;
  const rest = findings.length - shown;
  return (
    <Stack gap="xs" align="flex-start">
      <Title order={3}>
        {title} ({countText(findings.length)})
      </Title>
      {shown > 0 && (
        <ul className={classes['findings']}>
          {findings.slice(0, shown).map((finding) => (
            <li
              key={`${finding.component ?? ''}/${finding.volume ?? ''}/${finding.path ?? ''}/${finding.code}/${finding.message}`}
              className={classes['finding']}
            >
              {finding.path !== undefined && <div className={classes['path']}>{finding.path}</div>}
              <Text>{finding.message}</Text>
              <Text className={classes['quiet']}>{whereOf(finding, sources)}</Text>
            </li>
          ))}
        </ul>
      )}
      {rest > 0 && (
        <Button size="xs" variant="default" onClick={() => setShown(shown + 500)}>
          {shown === 0 ? `Show ${countOf(rest, 'note')}` : `Show ${countText(Math.min(rest, 500))} more`}
        </Button>
      )}
    </Stack>
  );
}

function whereOf({ component, volume = '' }: Finding, sources: Shown['sources']): string {
  if (component === undefined) return '';
  const agents = sources.find((source) => source.component === component && source.volume === volume)?.agents;
  return sourceName({ component, volume, agents: agents ?? [] });
}
