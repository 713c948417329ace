import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyLab } from '../../../helpers/command-lab.ts';
import { servingLab } from '../../../helpers/serving-lab.ts';

const isMissing = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status !== 0;
const isRequired = process.env['TRINITY_TEST_REQUIRE_ALL'] === '1';
const calls = 'connect,sendto,sendmsg,sendmmsg';

/** Runs a command as itself, its system calls written down by a process beside it. */
function traced(file: string): readonly string[] {
  return ['strace', '-D', '-f', '-qq', '-s', '256', '-e', `trace=${calls}`, '-o', file];
}

/** Every address in a trace, each once: as the kernel was given it. */
function addressesIn(file: string): readonly string[] {
  const found = readFileSync(file, 'utf8').matchAll(/\{sa_family=AF_[^}]*\}/gu);
  return [...new Set(Array.from(found, ([address]) => address))];
}

/** Loopback, and sockets of this machine: the engine of this home, Docker, locks by name, look-ups of users. */
function isExpected(address: string, base: string): boolean {
  if (/AF_INET[,6]/u.test(address)) return /inet_addr\("127\.|"::1"|"::ffff:127\./u.test(address);
  const [, socket] = /AF_UNIX, sun_path=@?"([^"]*)"/u.exec(address) ?? [];
  if (socket === undefined) return address.includes('AF_NETLINK') || address.includes('AF_UNSPEC');
  return (
    socket.startsWith(base) ||
    address.includes('sun_path=@') ||
    /docker|podman|nscd|\/proc\/self\/fd\//u.test(socket)
  );
}

describe('the system calls of the built command with default settings', () => {
  it.skipIf(isMissing && !isRequired)(
    'reach nothing but loopback and sockets of this machine, while it serves, backs up and shows',
    async () => {
      const lab = await emptyLab();
      await lab.setUp();
      await lab.json(['settings', 'set', 'enabled', 'false']);
      const file = path.join(lab.base, 'calls');
      const serve = await servingLab(lab, {}, traced(file));
      await serve.json('POST', '/api/v1/admin/backups');
      await serve.json('GET', '/metrics');
      expect(await serve.stop()).toMatchObject({ code: 0 });
      const alone = path.join(lab.base, 'alone');
      expect((await lab.run(['verify', '--data', 'full'], {}, traced(alone))).code).toBe(0);
      const found = addressesIn(file);
      expect(found.filter((address) => !isExpected(address, lab.base))).toEqual([]);
      expect(addressesIn(alone).filter((address) => !isExpected(address, lab.base))).toEqual([]);
    },
  );

  it.skipIf(isMissing && !isRequired)('would be seen if they did', async () => {
    const lab = await emptyLab();
    const file = path.join(lab.base, 'calls');
    const script =
      "const socket = require('net').connect(9, '192.0.2.1').on('error', () => 0); setTimeout(() => socket.destroy(), 100)";
    const [program = '', ...options] = traced(file).filter((option) => option !== '-D');
    spawnSync(program, [...options, process.execPath, '-e', script]);
    const strange = addressesIn(file).filter((address) => !isExpected(address, lab.base));
    expect(strange.join(' ')).toContain('192.0.2.1');
  });
});
