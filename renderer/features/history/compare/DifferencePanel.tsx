import { Button, Stack, Text } from '@mantine/core';
import { sizeText } from '../../../../shared/lib/size-text.ts';
import { fullText } from '../../../../shared/lib/time-text.ts';
import { grownBy } from '../../../../shared/model/comparison.ts';
import { addressOf } from '../../../app/routes.ts';
import { SidePanel } from '../../../ui/frame/SidePanel.tsx';
import classes from '../History.module.css';
import { changeWords } from './compare-columns.tsx';
import { bytesGrownText } from './compare-words.ts';
import type { Difference } from './use-comparison.ts';

type Props = Readonly<{ difference: Difference; source: string; onClose: () => void }>;

/** One file that differs: its whole path, and what it was in each of the two backups. */
export function DifferencePanel({ difference, source, onClose }: Props) {
  const { component, volume, path, change, before, after } = difference;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return (
    <SidePanel title={name === '' ? source : name} onClose={onClose}>
      <Stack gap="lg">
        <div>
          <Text className={classes['path']}>{path === '' ? 'the folder itself' : path}</Text>
          <Text className={classes['quiet']}>
            {volume === '' || volume === source ? source : `${source} · ${volume}`}
          </Text>
        </div>
        <dl className={classes['facts']}>
          <dt>Change</dt>
          <dd>{changeWords[change]}</dd>
          <dt>Before</dt>
          <dd>{entryText(before)}</dd>
          <dt>After</dt>
          <dd>{entryText(after)}</dd>
          <dt>Difference</dt>
          <dd>{bytesGrownText(grownBy(difference)) || 'None in size'}</dd>
        </dl>
        {name !== '' && (
          <div>
            <Button
              component="a"
              variant="default"
              href={addressOf('history', { view: 'find', name, path: `${component}/${volume}/${path}` })}
            >
              All versions…
            </Button>
          </div>
        )}
      </Stack>
    </SidePanel>
  );
}

function entryText(entry: Difference['before']): string {
  if (entry === undefined) return 'Not there';
  const { kind, size, mtime, mode, uid, gid } = entry;
  const what = kind === 'folder' ? 'Folder' : sizeText(size);
  return `${what}, changed ${fullText(Date.parse(mtime))}, mode ${mode}, owner ${String(uid)}:${String(gid)}`;
}
