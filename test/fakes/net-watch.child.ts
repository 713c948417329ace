import { appendFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

/**
 * Preloaded into commands of tests (NODE_OPTIONS=--import): every connection, look-up and datagram that the process asks for is
 * written to a file, one line of JSON each, before it is made.
 */
const file = process.env['TRINITY_TEST_NET_LOG'] ?? '';
const require = createRequire(import.meta.url);

type Calls = Record<string, (...given: unknown[]) => unknown>;

function watch(owner: unknown, method: string, placeOf: (given: readonly unknown[]) => unknown): void {
  const calls = owner as Calls; // Node's own modules, whose methods take anything
  const original = calls[method];
  if (original === undefined) return;
  calls[method] = function watched(this: unknown, ...given: unknown[]): unknown {
    appendFileSync(file, `${JSON.stringify({ pid: process.pid, method, place: placeOf(given) })}\n`);
    return original.apply(this, given);
  };
}

const net = require('node:net') as { Socket: { prototype: unknown } };
watch(net.Socket.prototype, 'connect', ([first]) => {
  // Node hands its own calls over as one list: options and listener.
  const [options] = Array.isArray(first) ? first : [first];
  if (typeof options !== 'object' || options === null) return String(options);
  return 'path' in options && typeof options.path === 'string'
    ? { path: options.path }
    : { host: 'host' in options ? options.host : 'localhost' };
});
const dns = require('node:dns') as { promises: unknown };
for (const owner of [dns, dns.promises]) {
  for (const method of [
    'lookup',
    'lookupService',
    'resolve',
    'resolve4',
    'resolve6',
    'resolveAny',
    'reverse',
  ]) {
    watch(owner, method, ([name]) => ({ host: name }));
  }
}
const dgram = require('node:dgram') as { Socket: { prototype: unknown } };
for (const method of ['send', 'connect']) {
  watch(dgram.Socket.prototype, method, (given) => ({
    datagram: given.filter((one) => typeof one === 'string'),
  }));
}
syncBuiltinESMExports();
