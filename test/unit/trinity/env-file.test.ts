import { describe, expect, it } from 'vitest';
import { hostKeys, mergeEnv, parseEnv } from '../../../main/trinity/env-file.ts';

function merge(live: string | undefined, backup: string): ReturnType<typeof mergeEnv> & { text: string } {
  const merged = mergeEnv({
    live: live === undefined ? undefined : Buffer.from(live),
    backup: Buffer.from(backup),
  });
  return { ...merged, text: merged.content.toString() };
}

describe('parseEnv', () => {
  it.each([
    ['KEY=value', 'value'],
    ['KEY=one\nKEY=two', 'two'],
    ['\uFEFFKEY=value\r\n', 'value'],
    ['  export KEY = value  ', 'value'],
    ['KEY="quoted # kept"', 'quoted # kept'],
    ["KEY='single quoted' # comment", 'single quoted'],
    ['KEY=two words # comment', 'two words'],
    ['KEY=with#hash', 'with#hash'],
    ['KEY=', ''],
    ['KEY=""', ''],
    ['KEY= # nothing', ''],
    ['KEY="unclosed', '"unclosed'],
    ['KEY="a" b', '"a" b'],
    ['KEY=a=b=c', 'a=b=c'],
    ['KEY=Grüße', 'Grüße'],
  ])('reads %j as %j', (text, value) => {
    expect(parseEnv(text).get('KEY')).toBe(value);
  });

  it('passes over what is no assignment, whatever the bytes', () => {
    const hostile = Buffer.concat([
      Buffer.from([0xff, 0xfe, 0x00, 0x0a]),
      Buffer.from('# A=1\nno sign\n=1\n1A=2\nB=3\0\n'),
    ]);
    expect([...parseEnv(hostile)]).toEqual([['B', '3\0']]);
  });

  it('reads a line of a million characters at once', () => {
    expect(parseEnv(`A=${' "#'.repeat(300_000)}\nB=1`).get('B')).toBe('1');
  });
});

describe('mergeEnv', () => {
  it('takes secrets from the backup and leaves what belongs to this host', () => {
    const merged = merge(
      'SECRET_KEY=new\nFRONTEND_PORT=8081\n',
      '# mine\nSECRET_KEY=old\n\nFRONTEND_PORT=80\nOTHER=1\n',
    );
    expect(merged.text).toBe('# mine\nSECRET_KEY=old\n\nFRONTEND_PORT=8081\nOTHER=1\n');
    expect(merged.kept).toEqual(['FRONTEND_PORT']);
    expect(merged.changed).toEqual(['OTHER', 'SECRET_KEY']);
  });

  it.each(hostKeys)('keeps %s as it is live: set, absent or added', (key) => {
    expect(merge(`A=1\n${key}=live\n`, `A=1\n${key}=old\n`).text).toBe(`A=1\n${key}=live\n`);
    expect(merge('A=1\n', `A=1\n${key}=old\n`).text).toBe('A=1\n');
    expect(merge(`A=1\n${key}=live\n`, 'A=1\n').text).toBe(`A=1\n${key}=live\n`);
  });

  it('keeps which database server is in use, and brings it back where that is not said', () => {
    const backup = 'DATABASE_URL=\nPOSTGRES_PASSWORD=old\n';
    expect(merge('DATABASE_URL=postgresql://db\nPOSTGRES_PASSWORD=\n', backup).text).toBe(
      'DATABASE_URL=postgresql://db\nPOSTGRES_PASSWORD=old\n',
    );
  });

  it('is the backup byte for byte, when there is no live file or it says nothing', () => {
    const backup = Buffer.concat([
      Buffer.from('\uFEFFA=1\r\nFRONTEND_PORT=80\r\nB='),
      Buffer.from([0xff, 0x00, 0x0d, 0x0a]),
    ]);
    for (const live of [undefined, Buffer.from(''), Buffer.from('# only a comment\n')]) {
      expect(mergeEnv({ live, backup }).content.equals(backup)).toBe(true);
    }
  });

  it('keeps line ends, order, comments and odd bytes of the backup', () => {
    const backup = Buffer.concat([
      Buffer.from('B=2 # b\r\nDOCKER_GID=1\r\nX='),
      Buffer.from([0xe4]),
      Buffer.from('\r\nA=1\r\n'),
    ]);
    const merged = mergeEnv({ live: Buffer.from('DOCKER_GID=7 # here\n'), backup });
    const wanted = Buffer.concat([
      Buffer.from('B=2 # b\r\nDOCKER_GID=7 # here\r\nX='),
      Buffer.from([0xe4]),
      Buffer.from('\r\nA=1\r\n'),
    ]);
    expect(merged.content).toEqual(wanted);
  });

  it('gives no line another end where they are mixed: a shell would take the return as part of a value', () => {
    const live = 'DOCKER_GID=7\r\nFRONTEND_PORT=80\r\n';
    expect(merge(live, '# note\r\nA=1\nDOCKER_GID=2\nB=2\n').text).toBe(
      '# note\r\nA=1\nDOCKER_GID=7\nB=2\nFRONTEND_PORT=80\n',
    );
  });

  it('leaves one line of a key that was there twice', () => {
    expect(merge('DOCKER_GID=1\nDOCKER_GID=7\n', 'DOCKER_GID=2\nA=1\nDOCKER_GID=3\n').text).toBe(
      'A=1\nDOCKER_GID=7\n',
    );
  });

  it('says names only, never values', () => {
    const { kept, changed } = merge(
      'SECRET_KEY=hunter2\nFRONTEND_URL=a\nGONE=1\n',
      'SECRET_KEY=hunter3\nFRONTEND_URL=b\n',
    );
    expect({ kept, changed }).toEqual({ kept: ['FRONTEND_URL'], changed: ['GONE', 'SECRET_KEY'] });
  });
});
