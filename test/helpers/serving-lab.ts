import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { CommandLab, Ended } from './command-lab.ts';

/** The built command `serve` of a lab, asked over HTTP. */
export type ServingLab = Readonly<{
  address: string;
  /** The JSON of an answer; rejects unless it is a good one. */
  json: (method: string, path: string, body?: unknown) => Promise<unknown>;
  stop: () => Promise<Ended>;
}>;

/** Resolves when it answers; it does not outlive the test. */
export async function servingLab(
  lab: CommandLab,
  env: NodeJS.ProcessEnv = {},
  through: readonly string[] = [],
): Promise<ServingLab> {
  const serve = lab.start(['serve', '--port', '0'], env, through);
  onTestFinished(async () => {
    serve.kill('SIGKILL');
    await serve.ended;
  });
  const address = await addressOf(lab);
  const token = readFileSync(path.join(lab.home, 'api-token'), 'utf8').trim();
  return {
    address,
    json: async (method, where, body) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      const { 'content-type': _, ...plain } = headers;
      const asked = { method, headers: body === undefined ? plain : headers, ...content };
      const answer = await fetch(new URL(where, address), asked);
      const said = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${where}: ${String(answer.status)} ${said}`);
      return answer.headers.get('content-type')?.includes('json') === true ? JSON.parse(said) : said;
    },
    stop: async () => {
      serve.kill('SIGTERM');
      return await serve.ended;
    },
  };
}

/** As the command `link` of the same home tells it, when the engine is there. */
async function addressOf(lab: CommandLab): Promise<string> {
  for (;;) {
    while (!existsSync(path.join(lab.home, 'api-token'))) await delay(10);
    const { code, stdout } = await lab.run(['link', '--quiet']);
    if (code === 0) return new URL(stdout.trim()).origin;
    await delay(10);
  }
}
