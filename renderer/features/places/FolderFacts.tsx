import { useDebouncedValue } from '@mantine/hooks';
import { Stack } from '@mantine/core';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { sizeText } from '../../../shared/lib/size-text.ts';
import { useCall } from '../../client/engine.tsx';
import { isWholePath } from '../../ui/fields/FolderField.tsx';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { Said } from '../../ui/state/Said.tsx';

type Look = CallOutput<'folders.look'>;

type Props = Readonly<{
  folder: string;
  /** It is to hold a vault already. */
  isOfVault?: boolean;
}>;

/** What a folder that is being named is good for. */
export function FolderFacts({ folder, isOfVault = false }: Props) {
  const [settled] = useDebouncedValue(folder, 300);
  return isWholePath(settled) ? <LookedFolder folder={settled} isOfVault={isOfVault} /> : null;
}

function LookedFolder({ folder, isOfVault }: Required<Props>) {
  const query = useCall('folders.look', { folder });
  return (
    <Loaded query={query} what="Looking at the folder">
      {(look) => (
        <Stack gap="xs" aria-live="polite">
          {isOfVault ? (
            <Said tone={look.state === 'vault' ? 'good' : 'bad'}>{vaultText(look)}</Said>
          ) : (
            <Said tone={toneOf(look)}>{stateText(look)}</Said>
          )}
          {!isOfVault && look.isOnInstallDisk === true && (
            <Said tone="attention">
              This folder is on the disk that is backed up: when that disk fails, both are lost. Another disk,
              a network share or a bucket is safer; a copy can be added later.
            </Said>
          )}
        </Stack>
      )}
    </Loaded>
  );
}

function vaultText({ folder, state }: Look): string {
  if (state === 'vault') return 'There is a vault in this folder.';
  return state === 'missing'
    ? `There is no folder ${folder}: is its disk or share mounted?`
    : `There is no vault in ${folder}: it holds a file vault.json.`;
}

function toneOf({ state, isWritable }: Look): 'good' | 'bad' {
  return isWritable && (state === 'missing' || state === 'empty') ? 'good' : 'bad';
}

function stateText({ folder, state, freeBytes, totalBytes, isWritable }: Look): string {
  const room = `${sizeText(freeBytes)} of ${sizeText(totalBytes)} are free.`;
  if (state === 'no-folder') return `${folder} is no folder, or lies below a file.`;
  if (!isWritable) return `This user may not write to ${folder}.`;
  if (state === 'vault') return `There is a vault in this folder. ${room}`;
  if (state === 'used') return `There is something else in this folder: name an empty or new one. ${room}`;
  return state === 'missing' ? `The folder will be made. ${room}` : room;
}
