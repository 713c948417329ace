import { sizeText } from './size-text.ts';

type Verified = Readonly<{ checkedBytes: number; contentBytes: number }>;

/** What a check of the vault has read, as the rest of a sentence; a byte that was read twice counts once. */
export function verifiedText({ checkedBytes, contentBytes }: Verified): string {
  if (checkedBytes === 0) return 'only names and lists were checked, and no stored data was read';
  const read = `${sizeText(checkedBytes)} of stored data were read`;
  return contentBytes === 0
    ? read
    : `${read}, and ${sizeText(contentBytes)} of files in it compared with their checksums`;
}
