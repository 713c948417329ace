import { describe, expect, it } from 'vitest';
import { publisherOf } from '../../../../build/package/publisher.ts';

describe('publisherOf', () => {
  it('names the repository whose workflow builds the package', () => {
    const env = {
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'someone/backup',
      GITHUB_REPOSITORY_OWNER: 'someone',
    };
    expect(publisherOf(env)).toEqual({
      homepage: 'https://github.com/someone/backup',
      maintainer: 'someone <someone@users.noreply.github.com>',
    });
  });

  it('names nobody for what was built by hand', () => {
    expect(publisherOf({}).maintainer).toBe('Built by hand <nobody@localhost>');
  });
});
