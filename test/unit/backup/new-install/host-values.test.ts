import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHostValues, withHostValues } from '../../../../main/backup/new-install/host-values.ts';
import { parseEnv } from '../../../../main/trinity/env-file.ts';

const env = parseEnv('SECRET_KEY=one\nDATABASE_URL=postgresql://trinity:old@postgres/trinity\n');

function problemOf(
  given: Readonly<Record<string, string>>,
  of: typeof env | undefined = env,
): string | undefined {
  try {
    checkHostValues(given, of);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('checkHostValues', () => {
  it('refuses keys that are not of a host, and names no value', () => {
    expect(problemOf({ FRONTEND_PORT: '80', DOCKER_GID: '' })).toBeUndefined();
    for (const key of ['SECRET_KEY', 'COMPOSE_PROJECT_NAME', 'TRINITY_DATA_PATH', '__proto__x']) {
      const problem = problemOf({ [key]: 'hunter2' });
      expect(problem).toContain(`${key} is not a value of a host`);
      expect(problem).not.toContain('hunter2');
    }
    expect(problemOf({ FRONTEND_URL: 'hunter2\nSECRET_KEY=two' })).toMatch(
      /^The value for FRONTEND_URL cannot/u,
    );
  });

  it('refuses another kind of database, and values without an .env to put them in', () => {
    expect(problemOf({ DATABASE_URL: 'postgresql://trinity:new@elsewhere/trinity' })).toBeUndefined();
    expect(problemOf({ DATABASE_URL: '' })).toContain('another kind of database');
    checkHostValues({}, undefined);
    expect(() => checkHostValues({ FRONTEND_PORT: '80' }, undefined)).toThrow('Restore config too');
  });
});

describe('withHostValues', () => {
  it('writes a value that is read back as it was, whatever it is, or it is refused', () => {
    const content = Buffer.from('# ours\r\nFRONTEND_URL=https://old.example\r\nSECRET_KEY=one\r\n');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        if (problemOf({ FRONTEND_URL: value }) !== undefined) return;
        const changed = parseEnv(withHostValues(content, { FRONTEND_URL: value }));
        expect(Object.fromEntries(changed)).toEqual({ FRONTEND_URL: value, SECRET_KEY: 'one' });
      }),
    );
    for (const value of ['a b', "it's # here", '$HOME', ' ends ', 'grün', '"'])
      expect(problemOf({ FRONTEND_URL: value })).toBeUndefined();
    expect(problemOf({ FRONTEND_URL: `'"` })).toBeDefined();
  });
});
