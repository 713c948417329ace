import { describe, expect, it } from 'vitest';
import { codeCommand } from '../../../../renderer/features/first-run/restore-door/code-command.ts';
import { askedGroups, isGroup } from '../../../../renderer/features/kit/key-groups.ts';
import { isPassphrase, passphraseProblems } from '../../../../renderer/features/kit/new-passphrase.ts';
import { mailOf, mailProblems, storedMail } from '../../../../renderer/features/settings/notices/mail.ts';
import { problemOfAddress } from '../../../../renderer/features/settings/notices/web-address.ts';
import { isWithin, limitText } from '../../../../renderer/ui/fields/number-limits.ts';

const recoveryKey = 'W4AM09-E24R2W-TJV5KK-G982M9-4YDENY-D71F84';

describe('the groups of a recovery key', () => {
  it('are asked for two at a time, never the same twice', () => {
    for (const start of 'ABCDEFGHJK') {
      const [first, second] = askedGroups(`${start}${recoveryKey.slice(1)}`);
      expect(first).not.toBe(second);
      for (const at of [first, second]) expect([at >= 0, at < 6]).toEqual([true, true]);
    }
  });

  it('may be typed as people read them', () => {
    expect(isGroup(recoveryKey, 0, 'w4amo9')).toBe(true);
    expect(isGroup(recoveryKey, 5, ' d7-lf84 ')).toBe(true);
    expect(isGroup(recoveryKey, 0, 'E24R2W')).toBe(false);
    expect(isGroup(recoveryKey, 9, '')).toBe(false);
  });
});

describe('a new passphrase', () => {
  it('has eight characters at least, as they are read, and is typed twice', () => {
    expect(isPassphrase('seven77', 'seven77')).toBe(false);
    // Each is one character of two bytes, or of two code units.
    expect(isPassphrase('ééééééé', 'ééééééé')).toBe(false);
    expect(isPassphrase('🙂🙂🙂🙂', '🙂🙂🙂🙂')).toBe(false);
    expect(isPassphrase('ééééééééé', 'ééééééééé')).toBe(true);
    expect(passphraseProblems('', '')).toEqual({ passphrase: undefined, repeated: undefined });
    expect(passphraseProblems('eight888', 'other').repeated).toBe('The two are not the same.');
  });
});

describe('the command that brings code', () => {
  const config = (facts: Record<string, string>) => [{ component: 'config', facts }];

  it('takes the commit, else the version, and nothing that is neither', () => {
    const commit = 'c0ffee'.repeat(6);
    expect(codeCommand({ sources: config({ commit }), trinityVersion: '1.2.3' }, '/opt/trinity')).toContain(
      commit,
    );
    const byVersion = codeCommand({ sources: config({}), trinityVersion: '1.2.3' }, '/opt/trinity');
    expect(byVersion).toContain('refs/tags/v1.2.3');
    const hostile = { sources: config({ commit: '$(rm -rf /)' }), trinityVersion: '1; reboot' };
    expect(codeCommand(hostile, '/opt/trinity')).toBeUndefined();
  });

  it('quotes folders that a shell would take apart', () => {
    const command = codeCommand({ sources: config({}), trinityVersion: '1.0' }, "/srv/it's $HOME");
    expect(command).toMatch(/^cd '\/srv\/it'\\''s \$HOME' /u);
  });
});

describe('the settings of mail', () => {
  it('are off when nothing is filled in, and whole or nothing else', () => {
    const empty = storedMail(undefined);
    expect([mailOf(empty), mailProblems(empty)]).toEqual([null, {}]);
    const begun = { ...empty, host: 'smtp.example.com' };
    expect(mailOf(begun)).toBeUndefined();
    expect(Object.keys(mailProblems(begun))).toEqual(['from', 'to']);
    const whole = { ...begun, from: 'a@example.com', to: 'b@example.com; c@example.com' };
    expect(mailOf(whole)).toEqual({
      host: 'smtp.example.com',
      port: 465,
      security: 'tls',
      from: 'a@example.com',
      to: ['b@example.com', 'c@example.com'],
    });
    expect(mailOf({ ...whole, port: '70000' })).toBeUndefined();
  });
});

describe('fields', () => {
  it('say their limits', () => {
    const limits = { min: 1, max: 168, unit: 'hours' } as const;
    expect(limitText(limits)).toBe('Choose 1 to 168 hours.');
    expect(([0, 1, 168, 169, 1.5, ''] as const).map((value) => isWithin(value, limits))).toEqual([
      false,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('take web addresses, or none', () => {
    expect(
      ['', 'https://example.com/x', 'http://127.0.0.1:1/'].map((text) => problemOfAddress(text)),
    ).toEqual([undefined, undefined, undefined]);
    for (const text of ['example.com', 'ftp://example.com', 'https://'])
      expect(problemOfAddress(text)).toBeDefined();
  });
});
