import { describe, expect, it } from 'vitest';
import { pathSlug } from '../../../main/components/paths-handler.ts';

describe('pathSlug', () => {
  it('is readable where one path alone can have it', () => {
    expect(pathSlug('/srv/media')).toBe('srv-media');
    expect(pathSlug('/srv/media/')).toBe('srv-media');
  });

  it('tells paths apart that read alike', () => {
    const paths = [
      '/srv/a-b',
      '/srv/a/b',
      '/srv/a_b',
      '/srv/A/b',
      '/srv/a b',
      '/srv/ä',
      '/',
      `/${'x'.repeat(300)}`,
      `/${'x'.repeat(301)}`,
    ];
    expect(new Set(paths.map(pathSlug)).size).toBe(paths.length);
  });

  it('is one plain name, whatever the path', () => {
    for (const path of ['/', '/..', '/.hidden', '/a/../b', '/\n', `/${'é'.repeat(400)}`]) {
      expect(pathSlug(path)).toMatch(/^[a-z0-9_][a-z0-9._-]{0,120}$/u);
    }
  });
});
