import { Button, Group, Stack, Text } from '@mantine/core';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { addressOf } from '../../../app/routes.ts';
import { Moment } from '../../../ui/text/Moment.tsx';
import { SidePanel } from '../../../ui/frame/SidePanel.tsx';
import { componentName } from '../../../ui/text/words.ts';
import classes from '../History.module.css';
import type { FoundPath } from './FindPage.tsx';
import { versionsOf } from './versions.ts';

/** The versions of one file that differ, newest first. */
export function VersionsPanel({ found, onClose }: Readonly<{ found: FoundPath; onClose: () => void }>) {
  const { component, volume, path } = found;
  const versions = versionsOf(found.versions);
  return (
    <SidePanel title={path.slice(path.lastIndexOf('/') + 1)} onClose={onClose}>
      <Stack gap="md">
        <Text className={classes['path']}>{path}</Text>
        <Text className={classes['quiet']}>{volume === '' ? componentName(component) : volume}</Text>
        <ol className={classes['findings']} aria-label="Versions">
          {versions.map(({ newest, oldest, backups }, index) => {
            const older = versions[index + 1]?.newest;
            return (
              <li key={newest.backupId} className={classes['finding']}>
                <Text>
                  {newest.kind === 'folder' ? 'Folder' : sizeText(newest.size)}, changed{' '}
                  <Moment at={newest.mtime} />
                </Text>
                <Text className={classes['quiet']}>
                  In {countOf(backups, 'backup')}: <Moment at={newest.timestamp} />
                  {backups > 1 && (
                    <>
                      {' '}
                      back to <Moment at={oldest.timestamp} />
                    </>
                  )}
                </Text>
                <Group gap="xs" mt={6}>
                  <Button
                    size="xs"
                    component="a"
                    href={addressOf('restore', { backup: newest.backupId, component, volume, path })}
                  >
                    Restore…
                  </Button>
                  {older !== undefined && (
                    <Button
                      size="xs"
                      variant="default"
                      component="a"
                      href={addressOf('history', {
                        view: 'compare',
                        first: older.backupId,
                        second: newest.backupId,
                        path,
                      })}
                    >
                      Compare with the one before
                    </Button>
                  )}
                </Group>
              </li>
            );
          })}
        </ol>
      </Stack>
    </SidePanel>
  );
}
