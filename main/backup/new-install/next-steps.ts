import { serverCommand, shellWord, startCommand } from '../../../shared/lib/trinity-commands.ts';
import { databaseNotYet } from '../../components/postgres-source.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';

/** What a new install on an engine needs yet. Containers are Trinity's to make: its script those of the platform, its backend those of agents. */
export function nextSteps(
  manifest: Manifest,
  parts: Readonly<{ folder: string; agents: readonly string[]; warnings: readonly Finding[] }>,
): string {
  const { folder, agents, warnings } = parts;
  const isWaiting = warnings.some(({ code }) => code === databaseNotYet);
  const load = isWaiting
    ? `load the database with "${serverCommand(manifest, folder)} && trinity-backup finish", then `
    : '';
  const start =
    agents.length === 0
      ? ''
      : ` Then run trinity-backup finish${isWaiting ? ' again' : ''}, which has Trinity start the agents that ran when the backup was made: ${agents.join(', ')}.`;
  return (
    `Trinity is restored in ${folder}, its volumes in Docker. Make sure that the old one does not run any more, ${codeStep(manifest)}, ` +
    `check .env, ${load}start Trinity with ${startCommand(manifest)} in that folder.${start}`
  );
}

/** Docker makes an empty volume for each that it does not know: Trinity would start with agents that have lost everything. */
export function nextStepsWithoutEngine(
  manifest: Manifest,
  parts: Readonly<{ folder: string; volumesRoot: string; warnings: readonly Finding[] }>,
): string {
  const { folder, volumesRoot, warnings } = parts;
  const load = warnings.some(({ code }) => code === databaseNotYet)
    ? ` Name the engine with install --path ${shellWord(folder)} --docker-host URL and load the database with "${serverCommand(manifest, folder)} && trinity-backup finish".`
    : '';
  return (
    `Trinity is restored in ${folder}, its volumes in ${volumesRoot}. Docker does not know these volumes yet: make each with ` +
    'docker volume create, with the labels in the meta.json beside its _data, and see that its content lies where Docker keeps it. ' +
    `Then ${codeStep(manifest)}, and check .env.${load} Then start Trinity with ${startCommand(manifest)} in its folder.`
  );
}

/** A backup holds what was changed in the checkout, not the release itself: without its scripts nothing starts. */
function codeStep({ install }: Pick<Manifest, 'install'>): string {
  const version = install['trinityVersion'];
  return `bring the code of Trinity${typeof version === 'string' ? ` ${version}` : ''} into that folder, which is in no backup`;
}
