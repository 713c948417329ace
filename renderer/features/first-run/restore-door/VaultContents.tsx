import { Button, Group, Stack, Text } from '@mantine/core';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { useCall } from '../../../client/engine.tsx';
import { Empty } from '../../../ui/frame/Empty.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { Moment } from '../../../ui/text/Moment.tsx';
import { Section } from '../../../ui/frame/Section.tsx';
import { OptionRow } from '../../restore/OptionRow.tsx';
import type { Listed } from './RestoreDoor.tsx';

type Props = Readonly<{ onBack: () => void; onChoose: (backup: Listed) => void }>;

const shown = 50;

/** What is in the vault, newest first. */
export function VaultContents({ onBack, onChoose }: Props) {
  const query = useCall('backups.list', { limit: shown });
  return (
    <Section
      title="Which backup?"
      isStep
      about="The newest whole one is best, unless something went wrong before it was made."
    >
      <Loaded query={query} what="Reading the backups">
        {({ backups, total }) => {
          const best = backups.find(isWhole);
          return (
            <Stack gap="sm">
              {backups.length === 0 && (
                <Empty title="This vault holds no backup">Go back and open another.</Empty>
              )}
              {backups.map((backup) => (
                <OptionRow
                  key={backup.backupId}
                  title={<Moment at={backup.timestamp} />}
                  onChoose={() => onChoose(backup)}
                >
                  {describe(backup, backup === best)}
                </OptionRow>
              ))}
              {total > backups.length && (
                <Text c="var(--page-quiet)">
                  {countOf(total - backups.length, 'earlier backup')} can be restored once this is set up.
                </Text>
              )}
              <Group>
                <Button variant="default" onClick={onBack}>
                  Back
                </Button>
              </Group>
            </Stack>
          );
        }}
      </Loaded>
    </Section>
  );
}

/** What a server can be made of: not a part of it, nor what a restore replaced. */
function isWhole({ components, damaged, incomplete, trigger }: Listed): boolean {
  const parts = ['persistence', 'config', 'memory'];
  return (
    !damaged && !incomplete && trigger !== 'pre_migration' && parts.every((part) => components.includes(part))
  );
}

function describe(
  {
    agents,
    files,
    bytes,
    trinityVersion,
    incomplete,
    damaged,
    provenSources,
    sourceCount,
    components,
    trigger,
  }: Listed,
  isBest: boolean,
): string {
  return [
    ...(isBest ? ['the newest whole one'] : []),
    ...(trigger === 'pre_migration' ? ['what a restore has replaced'] : []),
    ...(components.includes('persistence') ? [] : ['without the database']),
    ...(trinityVersion === null ? [] : [`Trinity ${trinityVersion}`]),
    agents.length === 0
      ? 'no agents'
      : `${countOf(agents.length, 'agent')}: ${agents.slice(0, 5).join(', ')}${agents.length > 5 ? '…' : ''}`,
    `${countOf(files, 'file')}, ${sizeText(bytes)}`,
    ...(incomplete ? ['incomplete'] : []),
    ...(damaged ? ['damaged'] : []),
    ...(!damaged && provenSources > 0 && provenSources === sourceCount ? ['proven to restore'] : []),
  ].join(' · ');
}
