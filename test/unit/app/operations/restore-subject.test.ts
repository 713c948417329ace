import { describe, expect, it } from 'vitest';
import { restoreSubject } from '../../../../main/app/operations/restore-subject.ts';

describe('restoreSubject', () => {
  it.each([
    ['everything', {}],
    ['research', { agents: ['research'] }],
    ['second', { agents: ['research'], destination: { way: 'as', name: 'second' } }],
    ['2 agents', { agents: ['research', 'echo'] }],
    ['the database', { only: ['persistence'] }],
    ['2 parts', { only: ['persistence', 'files'] }],
    ['a component of another edition', { only: ['a component of another edition'] }],
    ['one file or folder', { paths: ['a'], agents: ['research'] }],
    ['3 files and folders', { paths: ['a', 'b', 'c'] }],
  ])('names %s', (name, asked) => {
    expect(restoreSubject(asked)).toBe(name);
  });
});
