import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { hostKeys, newHostKeys, parseEnv } from '../../trinity/env-file.ts';
import { projectNameOf } from '../../trinity/read-install.ts';
import { withLine } from '../restore/restore-keys.ts';
import type { StagedRestore } from '../restore/restore-run.ts';
import { placeText } from '../restore/staging/safe-place.ts';
import type { Staging } from '../restore/staging/staging.ts';
import type { Build } from './begin-build.ts';
import { withHostValues } from './host-values.ts';

const dataKey = 'TRINITY_DATA_PATH';
const projectKey = 'COMPOSE_PROJECT_NAME';

/** What is other on this host is written, what else belonged to the old one is named; the data path is set to where the data now is. */
export async function settleEnvironment(
  build: Build,
  staged: StagedRestore,
  { staging, hostValues }: Readonly<{ staging: Staging; hostValues: Readonly<Record<string, string>> }>,
): Promise<void> {
  const swap = staged.groups.flat().find(({ live }) => placeText(live) === build.install.envFile);
  if (swap?.staged === undefined) return;
  const file = placeText(swap.staged);
  const content = await readIfFile(file);
  if (content === undefined) return;
  const env = parseEnv(content);
  const { dataFolder } = build.install;
  const isBelow =
    dataFolder.startsWith(`${build.skeleton}/`) &&
    !dataFolder.startsWith(`${build.install.volumesRoot ?? ''}/`);
  const wanted = `./${path.relative(build.skeleton, dataFolder)}`;
  const set = env.get(dataKey);
  const isSame =
    path.resolve(build.skeleton, set === undefined || set === '' ? './trinity-data' : set) === dataFolder;
  const settled = withHostValues(
    isBelow && !isSame ? withLine(content, dataKey, wanted) : content,
    hostValues,
  );
  if (!settled.equals(content)) await writeFile(file, settled, { flush: true });
  tellHostValues(env, hostValues, staging);
}

/** By their keys alone. */
function tellHostValues(
  env: ReadonlyMap<string, string>,
  hostValues: Readonly<Record<string, string>>,
  staging: Staging,
): void {
  const given = newHostKeys.filter((key) => hostValues[key] !== undefined);
  if (given.length > 0) {
    const message = `These values of .env are those that were given for this host: ${given.join(', ')}.`;
    staging.notes.add({ code: 'env-host-values', message, component: 'config' });
  }
  const kept = hostKeys.filter((key) => (env.get(key) ?? '') !== '' && !given.includes(key));
  if (kept.length === 0) return;
  const message = `These values of .env belonged to the old host: ${kept.join(', ')}. Check that they are right here.`;
  staging.notes.add({ code: 'env-host-keys', message, component: 'config' });
}

/**
 * Compose names the volume behind `/data` after the project, and that after the folder: in a folder of another name Trinity would
 * start with an empty database, and then delete the volumes of agents that it does not hold.
 */
export async function keepProjectName(build: Build, staged: StagedRestore, staging: Staging): Promise<void> {
  const { dataFolder, envFile, volumesRoot } = build.install;
  const project = projectNameOf(build.install.projectName);
  const isInVolume = volumesRoot !== undefined && dataFolder.startsWith(`${volumesRoot}/${project}_`);
  if (project === '' || !isInVolume || projectNameOf(path.basename(build.folder)) === project) return;
  const swap = staged.groups.flat().find(({ live }) => placeText(live) === envFile);
  const file = swap?.staged === undefined ? envFile : placeText(swap.staged);
  const content = await readIfFile(file);
  if (content !== undefined && projectNameOf(parseEnv(content).get(projectKey) ?? '') === project) return;
  if (content === undefined || swap?.staged === undefined) {
    const message = `Put ${projectKey}=${project} into .env before the first start: the volume of the database bears that name.`;
    staging.warnings.add({ code: 'project-name', message, component: 'config' });
    return;
  }
  await writeFile(file, withLine(content, projectKey, project), { flush: true });
  const message = `${projectKey} in .env is ${project} now, since the volume of the database bears that name.`;
  staging.notes.add({ code: 'project-name', message, component: 'config' });
}

async function readIfFile(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EISDIR')) return undefined;
    throw error;
  }
}
