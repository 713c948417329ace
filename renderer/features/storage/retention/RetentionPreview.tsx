import { Button, Code, Group, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { countOf, countText, sizeText } from '../../../../shared/lib/size-text.ts';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import type { RetentionSettings } from '../../../../shared/model/settings.ts';
import { useAction, useCall } from '../../../client/engine.tsx';
import { useFeature } from '../../../client/use-feature.ts';
import { ConfirmButton } from '../../../ui/fields/ConfirmButton.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { showProblem } from '../../../ui/state/show-problem.ts';
import { Moment } from '../../../ui/text/Moment.tsx';
import { LoadedWhenOpen } from '../LoadedWhenOpen.tsx';
import classes from '../Storage.module.css';

/** Of thousands that would go nobody reads all: they are shown in steps. */
const firstRows = 20;
const moreRows = 200;

type Preview = CallOutput<'retention.preview'>;
type Props = Readonly<{ rules: RetentionSettings; isSaved: boolean }>;

/** What would go today by these rules, saved or not. Nothing goes by looking. */
export function RetentionPreview({ rules, isSaved }: Props) {
  const query = useCall('retention.preview', { rules });
  return (
    <LoadedWhenOpen query={query} what="Working out what would go">
      {(preview) => (
        <Stack gap="sm">
          <Text role="status">{sentenceOf(preview, isSaved)}</Text>
          {preview.waiting.length > 0 && (
            <Text c="var(--page-quiet)">
              {countOf(preview.waiting.length, 'further backup')} would wait until every required copy has{' '}
              {preview.waiting.length === 1 ? 'it' : 'them'}.
            </Text>
          )}
          {preview.pruned.length > 0 && <Going preview={preview} rules={rules} />}
          {preview.pruned.length > 0 && isSaved && <LetGo count={preview.pruned.length} />}
        </Stack>
      )}
    </LoadedWhenOpen>
  );
}

/** Each backup lets go of what no rule keeps; of more than half of all only who was asked. */
function LetGo({ count }: Readonly<{ count: number }>) {
  const isEntitled = useFeature('retention');
  const prune = useAction('retention.prune');
  if (!isEntitled) return null;
  return (
    <div>
      <ConfirmButton
        label="Let them go"
        title={`Let ${countOf(count, 'backup')} go?`}
        isPending={prune.isPending}
        onConfirm={() => prune.mutate({ confirmed: true }, { onError: showProblem })}
      >
        They go to the trash. The history brings each back from there until its days are over.
      </ConfirmButton>
    </div>
  );
}

function sentenceOf({ pruned, kept, bytesFreed }: Preview, isSaved: boolean): string {
  const begin = isSaved ? 'Today' : 'With these rules, today';
  if (pruned.length === 0) return `${begin} nothing would go: ${countOf(kept, 'backup')} would stay.`;
  const freed = typeof bytesFreed === 'number' ? `, which frees ${sizeText(bytesFreed)}` : '';
  return `${begin} ${countOf(pruned.length, 'backup')} would go to the trash${freed}, and ${countText(kept)} would stay.`;
}

function Going({ preview, rules }: Readonly<{ preview: Preview; rules: RetentionSettings }>) {
  const [asked, setAsked] = useState<string>();
  const [shown, setShown] = useState(firstRows);
  const rest = preview.pruned.length - shown;
  return (
    <>
      <Table verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Would go</Table.Th>
            <Table.Th>Backup</Table.Th>
            <Table.Th ta="right">Frees</Table.Th>
            <Table.Th aria-label="What it holds alone" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {preview.pruned.slice(0, shown).map(({ backupId, timestamp, bytesFreed }) => (
            <Table.Tr key={backupId}>
              <Table.Td>
                <Moment at={timestamp} />
              </Table.Td>
              <Table.Td>
                <Code>{backupId.slice(0, 8)}</Code>
              </Table.Td>
              <Table.Td ta="right">{bytesFreed === undefined ? '' : sizeText(bytesFreed)}</Table.Td>
              <Table.Td ta="right">
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`Files whose last copy is in ${backupId.slice(0, 8)}`}
                  onClick={() => setAsked(backupId)}
                >
                  Last copies…
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {rest > 0 && (
        <div>
          <Button size="xs" variant="default" onClick={() => setShown(shown + moreRows)}>
            Show {countText(Math.min(rest, moreRows))} more
          </Button>
        </div>
      )}
      {asked !== undefined && (
        <LastCopies key={asked} backupId={asked} rules={rules} onClose={() => setAsked(undefined)} />
      )}
    </>
  );
}

function LastCopies({
  backupId,
  rules,
  onClose,
}: Readonly<{ backupId: string; rules: RetentionSettings; onClose: () => void }>) {
  const query = useCall('retention.lastCopies', { backupId, rules });
  return (
    <Loaded query={query} what="Looking for files that no other backup holds">
      {({ count, bytes, files }) => (
        <Stack gap="xs">
          <Group justify="space-between">
            <Text role="status">
              {count === 0
                ? `Every file of ${backupId.slice(0, 8)} is in a backup that stays, as it is.`
                : `${countOf(count, 'file')}, ${sizeText(bytes)}, would be in no backup any more as in ${backupId.slice(0, 8)}:`}
            </Text>
            <Button size="xs" variant="default" onClick={onClose}>
              Close
            </Button>
          </Group>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keyboard */}
          <ul className={classes['files']} tabIndex={0} aria-label="Files whose last copy would go">
            {files.map(({ component, volume, path }) => (
              <li key={`${component}/${volume}/${path}`}>
                <Code className={classes['place']}>{volume === '' ? path : `${volume}: ${path}`}</Code>
              </li>
            ))}
          </ul>
          {count > files.length && (
            <Text c="var(--page-quiet)">And {countOf(count - files.length, 'more', 'more')}.</Text>
          )}
        </Stack>
      )}
    </Loaded>
  );
}
