import { Badge, Group, Stack } from '@mantine/core';
import { countOf, sizeText } from '../../../shared/lib/size-text.ts';
import { useCall } from '../../client/engine.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { Loaded } from '../../ui/Loaded.tsx';
import { Moment } from '../../ui/Moment.tsx';
import { triggerWords } from '../../ui/words.ts';
import { filterOf, nameOf, type What } from './choice.ts';
import { OptionRow } from './OptionRow.tsx';

/** The backups that hold it, newest first. */
export function WhenStep({ what, onChoose }: Readonly<{ what: What; onChoose: (backupId: string) => void }>) {
  const query = useCall('backups.list', { limit: 1000, ...filterOf(what) });
  return (
    <Loaded query={query} what="Reading the backups">
      {({ backups }) =>
        backups.length === 0 ? (
          <Empty title={`No backup holds ${nameOf(what)}`}>Go back and choose something else.</Empty>
        ) : (
          <Stack gap="xs">
            {backups.map((backup) => (
              <OptionRow
                key={backup.backupId}
                onChoose={() => onChoose(backup.backupId)}
                title={
                  <Group gap="xs" component="span">
                    <Moment at={backup.timestamp} />
                    {backup.provenSources > 0 && backup.provenSources === backup.sourceCount && (
                      <Badge variant="outline" color="green" component="span">
                        Proven
                      </Badge>
                    )}
                    {backup.incomplete && (
                      <Badge variant="outline" color="yellow" component="span">
                        Incomplete
                      </Badge>
                    )}
                  </Group>
                }
              >
                {[
                  triggerWords[backup.trigger],
                  `${countOf(backup.files, 'file')}, ${sizeText(backup.bytes)}`,
                  ...(backup.note === null ? [] : [backup.note]),
                ].join(' · ')}
              </OptionRow>
            ))}
          </Stack>
        )
      }
    </Loaded>
  );
}
