import { describe, expect, it } from 'vitest';
import { Redactor, secretsOfEnvironment } from '../../../../main/app/logs/redactor.ts';

const redact = (text: string): string => new Redactor().redact(text);

describe('Redactor', () => {
  it.each([
    ['postgresql://trinity:s3cr3t-word@db:5432/trinity', 's3cr3t-word'],
    ['s3://bucket/prefix?endpoint=https://user:hunter22@host&region=x', 'hunter22'],
    ['GET https://host/path?access_token=abcdef123456&x=1', 'abcdef123456'],
    ['ADMIN_PASSWORD=correct-horse', 'correct-horse'],
    ["CREDENTIAL_ENCRYPTION_KEY='0123456789abcdef'", '0123456789abcdef'],
    ['{"smtpPassword":"open sesame now"}', 'open sesame now'],
    [JSON.stringify({ text: JSON.stringify({ apiKey: 'inner secret 1' }) }), 'inner secret 1'],
    [JSON.stringify({ password: 'with "quotes" and \\ in it' }), 'and'],
    ['Authorization: Bearer abc.DEF-123456', 'abc.DEF-123456'],
    ['the key W4AM09-E24R2W-TJV5KK-G982M9-4YDENY-D71F84 opens', 'E24R2W'],
    ['the key w4am09 e24r2w tjv5kk g982m9 4ydeny d71f84 opens', 'g982m9'],
    ['AKIAIOSFODNN7EXAMPLE', 'IOSFODNN7'],
    ['ghp_0123456789abcdefghij', '0123456789'],
    ['trinity_mcp_a1b2c3d4e5f6', 'a1b2c3d4'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl', 'c2lnbmF0dXJl'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKC\n-----END RSA PRIVATE KEY-----', 'MIIEow'],
  ])('takes what is secret by its form out of %s', (text, secret) => {
    expect(redact(text)).not.toContain(secret);
    expect(redact(text)).toContain('[redacted]');
  });

  it('leaves what people need to read', () => {
    const text =
      '{"part":"engine","backupId":"0267d12eb768","key":"backup:full","msg":"The vault at /mnt/backup is nearly full: free 12 MB"}';
    expect(redact(text)).toBe(text);
  });

  it('takes out what it was told of, in each way in which it may be written', () => {
    const redactor = new Redactor();
    const secret = 'pass "word" ü/+1';
    redactor.learn(secret);
    const bytes = Buffer.from(secret);
    const ways = [
      secret,
      JSON.stringify({ text: secret }),
      `https://host/?x=${encodeURIComponent(secret)}`,
      bytes.toString('base64'),
      bytes.toString('hex'),
    ];
    const text = redactor.redact(ways.join('\n'));
    for (const part of ['word', encodeURIComponent('ü'), bytes.toString('hex'), bytes.toString('base64')]) {
      expect(text).not.toContain(part);
    }
  });

  it('takes out keys that are bytes', () => {
    const redactor = new Redactor();
    const key = Buffer.alloc(32, 0xa7);
    redactor.learnBytes(key);
    expect(
      redactor.redact(`${key.toString('hex')} ${key.toString('base64')} ${key.toString('base64url')}`),
    ).toBe('[redacted] [redacted] [redacted]');
  });

  it('takes out addresses that let somebody in, and what of them may be the secret', () => {
    const redactor = new Redactor();
    redactor.learnAddress('https://hooks.example.org/services/T0000/hook-secret-1?x=%61bcdef');
    redactor.learnAddress('postgresql://trinity:pg-word-77@db/trinity');
    const text = 'services at hooks.example.org: hook-secret-1, T0000/hook-secret-1, pg-word-77 of trinity';
    expect(redactor.redact(text)).toBe(
      'services at hooks.example.org: [redacted], T0000/[redacted], [redacted] of trinity',
    );
  });

  it('does not blank out every word, when it is told of a short one', () => {
    const redactor = new Redactor();
    redactor.learn('data');
    expect(redactor.redact('/data is missing')).toBe('/data is missing');
  });
});

describe('secretsOfEnvironment', () => {
  it('finds values by the names of their variables', () => {
    const env = new Map([
      ['ADMIN_PASSWORD', 'a'],
      ['CREDENTIAL_ENCRYPTION_KEY', 'b'],
      ['GITHUB_PAT', 'c'],
      ['DATABASE_URL', 'd'],
      ['REDIS_PASSWORD', ''],
      ['TRINITY_DATA_PATH', '/data'],
    ]);
    expect(secretsOfEnvironment(env)).toEqual(['a', 'b', 'c', 'd']);
  });
});
