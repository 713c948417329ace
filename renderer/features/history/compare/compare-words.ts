import { sizeText } from '../../../../shared/lib/size-text.ts';

/** `+10 B`, `−3.20 MB`; nothing where nothing grew. */
export function bytesGrownText(bytes: number): string {
  if (bytes === 0) return '';
  return bytes > 0 ? `+${sizeText(bytes)}` : `−${sizeText(-bytes)}`;
}

/** The name of an entry without its folder; the top of a source has none. */
export function entryName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name === '' ? 'the folder itself' : name;
}
