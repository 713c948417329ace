import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CommandLab, passphrase, sharedLab } from '../../../helpers/command-lab.ts';
import { readZip } from '../../../helpers/read-zip.ts';
import { webListener } from '../../../helpers/web-listener.ts';
import { secretOfInstall } from '../../crash/crash-install.ts';

const shared = sharedLab();

const planted = {
  adminPassword: 'swordfish-of-the-admin',
  databaseUrl: 'postgresql://trinity:pg-word-77@postgres:5432/trinity',
  mailPassword: 'letter box 19',
  hook: 'T00000000/B00000000/hooksecretXYZ',
  beat: 'beat-ping-uuid-4711',
  apiToken: 'tb_0123456789abcdefghijklmnop',
};

/** Every secret there is, in every place from which it might be taken along. */
async function plantSecrets(lab: CommandLab, hookUrl: string): Promise<string[]> {
  const env = `ADMIN_PASSWORD=${planted.adminPassword}\nDATABASE_NOTE=none\nLEGACY_DATABASE_URL='${planted.databaseUrl}'\n`;
  appendFileSync(path.join(lab.install, '.env'), env);
  writeFileSync(path.join(lab.home, 'api-token'), `${planted.apiToken}\n`, { mode: 0o600 });
  const set = async (name: string, value: string): Promise<unknown> =>
    await lab.json(['settings', 'set', name, value]);
  await set('notifications.webhook.url', `${hookUrl}/services/${planted.hook}`);
  await set('notifications.heartbeat.url', `${hookUrl}/${planted.beat}`);
  const mail = { host: '127.0.0.1', port: 1, user: 'me', from: 'a@example.org', to: ['b@example.org'] };
  await set('notifications.mail', JSON.stringify(mail));
  const passwordFile = path.join(lab.base, 'mail-password');
  writeFileSync(passwordFile, planted.mailPassword, { mode: 0o600 });
  await lab.json(['notices', 'mail-password', '--password-file', passwordFile]);
  const deviceKey = readFileSync(path.join(lab.home, 'device-key'));
  return [
    ...Object.values(planted),
    'pg-word-77',
    'hooksecretXYZ',
    lab.recoveryKey,
    lab.recoveryKey.replaceAll('-', ''),
    secretOfInstall,
    deviceKey.toString('hex'),
    deviceKey.toString('base64'),
  ];
}

/** Lines as a careless program or a talkative library might have written them. */
function spill(lab: CommandLab, secrets: readonly string[]): void {
  const folder = path.join(lab.home, 'logs');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lines = secrets.map((secret, index) =>
    JSON.stringify({
      level: 'info',
      time: index,
      part: 'x',
      msg: `it was ${secret}`,
      deep: { list: [secret] },
    }),
  );
  writeFileSync(path.join(folder, 'engine.1.log'), `${lines.join('\n')}\n`, { mode: 0o600 });
}

function found(text: string, secrets: readonly string[]): readonly string[] {
  return secrets.filter((secret) => text.includes(secret));
}

describe('support-bundle', () => {
  it('holds what helps, and none of the secrets that were planted everywhere', async () => {
    const lab = await shared().copy();
    const listener = await webListener();
    const secrets = await plantSecrets(lab, listener.url);
    await lab.json(['backup', '--note', 'a note']);
    expect((await lab.run(['notices', 'test', 'mail'])).code).toBe(1);
    spill(lab, secrets);
    // Nobody keeps the passphrase: it must not have been written in the first place.
    secrets.push(passphrase);
    const output = path.join(lab.base, 'support.zip');
    expect(await lab.json(['support-bundle', '--output', output])).toMatchObject({ output });
    expect(statSync(output).mode & 0o777).toBe(0o600);
    const members = await readZip(output);
    expect(members.map(({ name }) => name)).toEqual([
      'support/about.json',
      'support/settings.json',
      'support/status.json',
      'support/history.json',
      'support/notices.json',
      'support/logs/engine.1.log',
      'support/logs/engine.log',
    ]);
    for (const { name, content } of members) {
      expect({ name, found: found(content.toString('utf8'), secrets) }).toEqual({ name, found: [] });
    }
    const text = (name: string): string =>
      members.find((member) => member.name === `support/${name}`)?.content.toString('utf8') ?? '';
    expect(JSON.parse(text('history.json'))).toMatchObject({
      runs: [{ operation: 'backup', outcome: 'succeeded' }],
    });
    expect(JSON.parse(text('status.json'))).toMatchObject({ judgement: { state: 'unproven' } });
    expect(JSON.parse(text('settings.json'))).toMatchObject({
      backup: { notifications: { webhook: { host: new URL(listener.url).host } } },
    });
    // Nor has the engine written any of them by itself.
    const logged = readFileSync(path.join(lab.home, 'logs', 'engine.log'), 'utf8');
    expect(logged).toContain('backup finished');
    expect(found(logged, secrets)).toEqual([]);
  });

  it('is made of what there is, when nothing is set up, and writes over nothing', async () => {
    const lab = shared();
    const home = path.join(lab.base, 'other-home');
    const output = path.join(lab.base, 'empty.zip');
    const bundle = await lab.json(['--home', home, 'support-bundle', '--output', output]);
    expect(bundle).toMatchObject({ files: expect.arrayContaining(['about.json', 'status.json']) });
    const again = await lab.run(['--home', home, 'support-bundle', '--output', output]);
    expect(again.stderr).toBe(
      `Something is at ${output} already: choose another name, so that nothing is lost.\n`,
    );
  });
});
