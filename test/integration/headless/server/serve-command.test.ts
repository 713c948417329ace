import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { emptyLab, sharedLab } from '../../../helpers/command-lab.ts';
import { servingLab } from '../../../helpers/serving-lab.ts';

const shared = sharedLab();
const linked = z.object({ link: z.string() });
const withToken = z.object({ token: z.string() });

describe('serve', () => {
  it('makes a token for its owner only, and prints address and link', async () => {
    const lab = await shared().copy();
    const serve = await servingLab(lab);
    expect(statSync(path.join(lab.home, 'api-token')).mode & 0o777).toBe(0o600);
    const { stdout, code } = await serve.stop();
    expect(code).toBe(0);
    expect(stdout).toContain(`Trinity Backup serves ${lab.home} at ${serve.address}.`);
    expect(stdout).toMatch(/^Open it once, within the hour: http:\/\/127\.0\.0\.1:\d+\/open\/[\w-]+$/m);
    expect(stdout).not.toContain(readFileSync(path.join(lab.home, 'api-token'), 'utf8').trim());
  });

  it('says which port is taken, and goes', async () => {
    const lab = await shared().copy();
    const { port } = new URL((await servingLab(lab)).address);
    const other = await emptyLab();
    const second = await other.run(['serve', '--port', port]);
    expect(second.code).toBe(1);
    expect(second.stderr).toBe(`Port ${port} is taken by another program: choose another with --port.\n`);
  });

  it.each(['70000', '-1', 'http', '', '1.5'])('refuses the port %j', async (port) => {
    const { code, stderr } = await (await emptyLab()).run(['serve', '--port', port]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'Choose a --port from 0 to 65535.\n' });
  });

  it.each(['ssh://root@example.org', 'tcp://10.0.0.1:2375'])(
    'refuses the engine %s, and says where to run it',
    async (dockerHost) => {
      const lab = await shared().copy();
      const file = path.join(lab.home, 'settings.json');
      const settings = z
        .looseObject({ install: z.looseObject({}) })
        .parse(JSON.parse(readFileSync(file, 'utf8')));
      writeFileSync(file, JSON.stringify({ ...settings, install: { ...settings.install, dockerHost } }));
      const { code, stderr } = await lab.run(['serve', '--port', '0']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/not on this machine\. .* run serve there\.\n$/);
    },
  );

  it('lets a browser in by another link, and a program by another token', async () => {
    const lab = await shared().copy();
    const serve = await servingLab(lab);
    const { link } = linked.parse(await lab.json(['link']));
    expect((await fetch(link)).status).toBe(200);
    expect((await fetch(link)).status).toBe(401);
    const before = withToken.parse(await lab.json(['api-token']));
    const after = withToken.parse(await lab.json(['api-token', '--new']));
    const statusWith = async (token: string): Promise<number> =>
      (await fetch(`${serve.address}/metrics`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await statusWith(before.token), await statusWith(after.token)]).toEqual([401, 200]);
  });

  it('tells that nobody serves the pages, where nobody does', async () => {
    const { code, stderr } = await (await shared().copy()).run(['link']);
    expect(code).toBe(1);
    expect(stderr).toBe('Nothing serves the pages of this home: start trinity-backup serve.\n');
  });
});
