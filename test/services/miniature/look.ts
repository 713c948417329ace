import path from 'node:path';
import { judgeLedger, ledgerQuery, readLedger } from '../../helpers/ledger.ts';
import type { LedgerState } from '../../helpers/ledger.ts';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';
import type { TreeSnapshot } from '../../helpers/tree-snapshot.ts';
import { containerStates, execIn, pauseContainer } from '../docker/containers.ts';
import type { Engine } from '../docker/engine.ts';
import type { Miniature } from './miniature.ts';

/** Does something while containers are paused, and resumes them. */
export async function whilePaused<Result>(
  engine: Engine,
  containers: readonly string[],
  act: () => Promise<Result> | Result,
): Promise<Result> {
  const paused = await Promise.allSettled(containers.map(async (name) => await pauseContainer(engine, name)));
  try {
    for (const outcome of paused) if (outcome.status === 'rejected') throw outcome.reason;
    return await act();
  } finally {
    const names = containers.filter((_, index) => paused[index]?.status === 'fulfilled');
    await Promise.all(names.map(async (name) => await engine.client.getContainer(name).unpause()));
  }
}

/** Everything in a volume that a restore has to bring back. */
export function snapshotVolume(engine: Engine, volume: string): TreeSnapshot {
  return snapshotTree(engine.volumeData(volume));
}

/** The ledger that the scheduler writes into Trinity's database; with SQLite only while nobody writes. */
export async function platformLedger({ engine, database, dataFolder }: Miniature): Promise<LedgerState> {
  if (database === 'sqlite') return readLedger(path.join(dataFolder, 'trinity.db'));
  const query = `SELECT row_to_json(answer) FROM (${ledgerQuery}) AS answer`;
  const { stdout } = await execIn(engine, 'trinity-postgres', ['psql', '-U', 'trinity', '-At', '-c', query]);
  return judgeLedger(JSON.parse(stdout));
}

/** Every value of the environment of a miniature's containers that is a secret: none of them may be found anywhere else. */
export async function containerSecrets(engine: Engine): Promise<readonly string[]> {
  const secrets = new Set<string>();
  for (const { id } of Object.values(await containerStates(engine))) {
    const { Config } = await engine.client.getContainer(id).inspect();
    for (const assignment of Config.Env) {
      const [, key = '', value = ''] = /^([^=]*)=(.*)$/su.exec(assignment) ?? [];
      if (/KEY|SECRET|TOKEN|PASSWORD|PAT$/u.test(key) && value.length >= 8) secrets.add(value);
    }
  }
  return [...secrets];
}
