import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseLocation } from '../../../main/storage/location.ts';

describe('parseLocation', () => {
  it('takes folders, relative ones from the working folder', () => {
    expect(parseLocation('/mnt/x/../y')).toEqual({ kind: 'folder', path: '/mnt/y' });
    expect(parseLocation('vault')).toEqual({ kind: 'folder', path: resolve('vault') });
  });

  it.each(['', ' ', 'ftp://host/x', 'file:///x', 'a\0b'])('refuses %j as a mistake', (text) => {
    expect(() => parseLocation(text)).toThrow(expect.objectContaining({ kind: 'usage' }));
  });

  it('knows S3', () => {
    const location = parseLocation('s3://bucket/prefix?region=x');
    expect(location).toMatchObject({
      kind: 's3',
      place: { bucket: 'bucket', prefix: 'prefix', region: 'x' },
    });
  });
});
