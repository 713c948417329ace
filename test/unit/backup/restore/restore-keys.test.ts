import { describe, expect, it } from 'vitest';
import { withLine } from '../../../../main/backup/restore/restore-keys.ts';

const set = (text: string): string => withLine(Buffer.from(text, 'latin1'), 'KEY', 'new').toString('latin1');

describe('withLine', () => {
  it('adds the key at the end and keeps every other byte', () => {
    expect(set('# note\nOTHER="a b"\nODD=\xff')).toBe('# note\nOTHER="a b"\nODD=\xff\nKEY=new\n');
    expect(set('')).toBe('KEY=new\n');
  });

  it('replaces every line of the key and none of a longer name', () => {
    expect(set('export KEY=old\nKEY_TWO=stays\n KEY = older\n')).toBe('KEY_TWO=stays\nKEY=new\n');
  });

  it('keeps the line ends of Windows', () => {
    expect(set('A=1\r\nKEY=old\r\n')).toBe('A=1\r\nKEY=new\r\n');
    expect(set('A=1\r\nB=2')).toBe('A=1\r\nB=2\r\nKEY=new\r\n');
  });

  it('gives no line another end where they are mixed: a shell would take the return as part of a value', () => {
    expect(set('# note\r\nA=1\nKEY=old\nB=2\n')).toBe('# note\r\nA=1\nB=2\nKEY=new\n');
  });
});
