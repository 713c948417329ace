import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectFolder } from '../../build/entries.ts';
import type { LoopDelay, Ours } from './peers.ts';

type Served = Readonly<{
  /** A new link that lets a browser in. */
  link: string;
  /** What is between two calls of it counts. */
  onBorder: () => void;
}>;

/** Runs `serve` on the home of `tool`, `name` in `work`; says how long its event loop was held up between two borders. */
export async function whileServing<Result>(
  { work, name, tool }: Readonly<{ work: string; name: string; tool: Ours }>,
  body: (served: Served) => Promise<Result>,
): Promise<Readonly<{ loop: LoopDelay; result: Result }>> {
  const file = path.join(work, `${name}-loop-delay.json`);
  const observer = path.join(projectFolder, 'test/bench/loop-delay.ts');
  const bundle = path.join(projectFolder, 'dist/trinity-backup.js');
  const env = {
    ...process.env,
    TRINITY_BACKUP_HOME: path.join(work, `${name}-home`),
    TRINITY_BACKUP_PASSPHRASE: 'bench bench bench',
    BENCH_LOOP_DELAY_FILE: file,
  };
  const serve = spawn(process.execPath, ['--import', observer, bundle, 'serve', '--port', '0'], { env });
  const ended = once(serve, 'exit');
  let result: Result;
  try {
    // It has printed where it is when it answers.
    await once(serve.stdout, 'data');
    const { link } = JSON.parse((await tool.command(['link'])).stdout) as { link: string };
    result = await body({ link, onBorder: () => serve.kill('SIGUSR2') });
  } finally {
    serve.kill('SIGTERM');
    await ended;
  }
  return { loop: JSON.parse(readFileSync(file, 'utf8')) as LoopDelay, result };
}

export type Call = (name: string, input: unknown) => Promise<Readonly<{ value: unknown; ms: number }>>;

/** The calls that pages make, each with the time until its answer is there. */
export async function callsBy(link: string): Promise<Call> {
  const { origin } = new URL(link);
  const opened = await fetch(link);
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  const session = await fetch(`${origin}/session`, { headers: { cookie } });
  const { antiForgery } = (await session.json()) as { antiForgery: string };
  const headers = { cookie, 'x-trinity-backup': antiForgery, 'content-type': 'application/json' };
  return async (name, input) => {
    const began = performance.now();
    const answer = await fetch(`${origin}/ipc/${name}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(input),
    });
    const body = (await answer.json()) as { ok: boolean; value?: unknown };
    if (!body.ok) throw new Error(`${name}: ${JSON.stringify(body)}`);
    return { value: body.value, ms: performance.now() - began };
  };
}
