import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { z } from 'zod';
import { CommandLab, passphrase } from '../../helpers/command-lab.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { containerStates } from '../../services/docker/containers.ts';
import { openGate, type EngineGate } from '../../services/docker/engine-gate.ts';
import type { Engine } from '../../services/docker/engine.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { liveLab } from '../restore/live-lab.ts';

/** Containers of every kind, and a home whose command reaches their engine through a gate alone. */
export type KilledLab = Readonly<{ lab: CommandLab; engine: Engine; gate: EngineGate }>;

export async function killedLab(): Promise<KilledLab> {
  const { engine, folder } = await liveLab(sharedEngine());
  const lab = new CommandLab(await tempFolder());
  const gate = await openGate(engine, path.join(lab.base, 'engine.sock'));
  writeFileSync(lab.passphraseFile, `${passphrase}\n`, { mode: 0o600 });
  await lab.json(['install', '--path', folder, '--docker-host', `unix://${gate.socket}`]);
  await lab.json(['init', '--vault', lab.vault, '--passphrase-file', lab.passphraseFile]);
  return { lab, engine, gate };
}

const madeShape = z.object({ incomplete: z.boolean(), warnings: z.array(z.object({ code: z.string() })) });

/** A whole backup, and its calls. The table of agents names one whose volume is not there, which it warns of. */
export async function backUp({ lab, gate }: KilledLab): Promise<readonly string[]> {
  gate.watch();
  const { incomplete, warnings } = madeShape.parse(await lab.json(['backup'], 3));
  expect([incomplete, ...warnings.map(({ code }) => code)]).toEqual([false, 'volume-missing']);
  return gate.calls();
}

/** What is promised, in looks a tenth of a second apart: where the machine is too busy for us, it is so for the guard too. */
const promisedLooks = 50;

/** Resolves when all containers are as they were: also those that were paused or down before. */
export async function expectBack(
  { engine }: KilledLab,
  before: unknown,
  { after, seen = containerStates }: Readonly<{ after: string; seen?: (engine: Engine) => Promise<unknown> }>,
): Promise<void> {
  for (let look = 1; look < promisedLooks; look += 1) {
    if (isDeepStrictEqual(await seen(engine), before)) return;
    await delay(100);
  }
  expect({ after, states: await seen(engine) }).toEqual({ after, states: before });
}

/** Journals of a home that nobody has settled. */
export function journalsOf({ lab }: KilledLab): readonly string[] {
  const folder = path.join(lab.home, 'journals');
  return existsSync(folder) ? readdirSync(folder) : [];
}
