import { describe, expect, it } from 'vitest';
import { parseS3Place, s3PlaceText } from '../../../../main/storage/s3/s3-place.ts';

describe('parseS3Place', () => {
  it('takes Amazon for granted where no endpoint is named', () => {
    expect(parseS3Place('s3://my-bucket')).toEqual({
      bucket: 'my-bucket',
      prefix: '',
      endpoint: undefined,
      region: 'us-east-1',
      style: 'virtual',
      caFile: undefined,
    });
  });

  it('takes everything that a place may have', () => {
    const text =
      's3://B.1/a/b/?endpoint=https://s3.example.org:9000/&region=eu-west-1&style=virtual&ca=/etc/my%20ca.pem';
    expect(parseS3Place(text)).toEqual({
      bucket: 'B.1',
      prefix: 'a/b',
      endpoint: 'https://s3.example.org:9000',
      region: 'eu-west-1',
      style: 'virtual',
      caFile: '/etc/my ca.pem',
    });
    expect(parseS3Place('s3://bucket/x?endpoint=http://127.0.0.1:1').style).toBe('path');
  });

  it.each([
    's3://bucket/prefix',
    's3://bucket?endpoint=https://host',
    's3://bucket/a/b?endpoint=http://h:1&region=x&style=virtual&ca=/a%20b/%26c.pem',
    's3://bucket/a?style=path',
  ])('writes %s as it was read', (text) => {
    expect(s3PlaceText(parseS3Place(text))).toBe(text);
    expect(s3PlaceText(parseS3Place(s3PlaceText(parseS3Place(text))))).toBe(text);
  });

  it.each([
    's3://',
    's3:///prefix',
    's3://bucket:80/x',
    's3://bucket/a//b',
    's3://bucket/a/%2e%2e/b%00',
    's3://bucket/a b',
    's3://bucket/x#y',
    's3://bucket/x?endpoint=host:9000',
    's3://bucket/x?endpoint=ftp://host',
    's3://bucket/x?endpoint=https://user:word@host',
    's3://bucket/x?endpoint=https://host&endpoint=https://other',
    's3://bucket/x?endpiont=https://host',
    's3://bucket/x?region=',
    's3://bucket/x?region=a/b',
    's3://bucket/x?style=dns',
    's3://bucket/x?ca=relative.pem',
  ])('refuses %s as a mistake', (text) => {
    expect(() => parseS3Place(text)).toThrow(expect.objectContaining({ kind: 'usage' }));
  });

  it('refuses keys in a location, and does not repeat them', () => {
    const refused = (): unknown => parseS3Place('s3://AKIDME:very-secret@bucket/x');
    expect(refused).toThrow(expect.objectContaining({ kind: 'usage' }));
    expect(refused).not.toThrow(/very-secret|AKIDME/u);
  });
});
