import { sizeText } from '../../../../shared/lib/size-text.ts';
import { useCall } from '../../../client/engine.tsx';

/** Of the disk that a folder lies on. Where it cannot be told, that is said. */
export function FreeSpace({ folder }: Readonly<{ folder: string }>) {
  const { data, error } = useCall('folders.look', { folder });
  if (error !== null) return <>Not known now</>;
  if (data === undefined) return <>…</>;
  return (
    <>
      {sizeText(data.freeBytes)} of {sizeText(data.totalBytes)}
    </>
  );
}
