import type { RestorePlan } from '../../model/restore-plan.ts';
import { aboutText, attention, listText, plain, type PlanSentence, upperFirst } from './sentence.ts';

export function destinationSentences({
  destination,
  safetyBackup,
  from,
  isOtherInstall,
}: RestorePlan): PlanSentence[] {
  const sentences: PlanSentence[] = [];
  if (destination.way === 'to')
    sentences.push(
      plain(`Plain files are written to ${destination.folder}, for this user only; nothing else is touched.`),
    );
  else if (destination.way === 'as') sentences.push(...newAgentSentences(destination));
  else if (destination.way === 'new-install')
    sentences.push(plain(`A new install is built in ${destination.folder}; nothing else is touched.`));
  else sentences.push(safetySentence(safetyBackup));
  if (from !== null) sentences.push(attention(`The copy ${from} of the vault is read.`));
  if (isOtherInstall && (destination.way === 'in-place' || destination.way === 'as'))
    sentences.push(attention('This backup is of another install than the one here.'));
  return sentences;
}

/** What a copy of an agent gets, and what it does not. */
function newAgentSentences({
  agent,
  name,
  template,
  leftOut,
  isStarted,
}: Extract<RestorePlan['destination'], { way: 'as' }>): PlanSentence[] {
  const rights =
    template === null
      ? `Trinity has no agent ${agent} any more: ${name} belongs to an administrator and has Trinity's usual limits.`
      : `Its owner and limits are those that ${template} has in Trinity now.`;
  return [
    plain(`A new agent, ${name}, is made of ${agent}; nothing that is there now is changed or stopped.`),
    plain(rights),
    plain(
      'It gets a key of its own, and no schedules, permissions, shared links, channels or git sync: add in Trinity what it is to have.',
    ),
    attention(
      `Its files are those of ${agent}, with the passwords and keys in them: both agents act in the same accounts.`,
    ),
    ...(leftOut.length === 0
      ? []
      : [attention(`${listText(leftOut)} can be no other agent's and stays out.`)]),
    plain(isStarted ? 'Trinity starts it when all of it is there.' : 'Start it in Trinity afterwards.'),
  ];
}

function safetySentence(safetyBackup: RestorePlan['safetyBackup']): PlanSentence {
  if (safetyBackup === 'none') return attention('No safety backup is made: this cannot be undone.');
  if (safetyBackup === 'nothing-live')
    return plain('Nothing of it is live, so there is nothing to back up before.');
  return plain('First, what is replaced is backed up, so that this can be undone.');
}

export function stopSentences({ stops, destination, sources }: RestorePlan): PlanSentence[] {
  if (destination.way !== 'in-place') return [];
  if (stops === null) {
    const isPlatform = sources.some(({ component }) => ofPlatform.includes(component));
    const who = isPlatform ? 'Trinity' : agentsOf(sources);
    return [
      attention(
        `No Docker engine is known here, so nobody is stopped: stop ${who} yourself before you go on.`,
      ),
    ];
  }
  const { containers, estimatedMs } = stops;
  if (containers.length === 0) return [plain('Nobody uses it now, so nobody has to stop.')];
  const agents = containers.flatMap(({ agent }) => (agent === null ? [] : [agent]));
  const platform = containers.filter(({ agent, isTrinity }) => agent === null && isTrinity);
  const others = containers.filter(({ isTrinity }) => !isTrinity).map(({ name }) => name);
  const who = [
    ...(platform.length > 0 ? ['Trinity'] : []),
    ...(agents.length === 0 ? [] : [agentsText(agents)]),
  ];
  const sentences: PlanSentence[] = [];
  const verb = who.length === 1 && agents.length < 2 ? 'stops' : 'stop';
  if (who.length > 0)
    sentences.push(plain(`${upperFirst(who.join(' and '))} ${verb} for about ${aboutText(estimatedMs)}.`));
  if (others.length > 0)
    sentences.push(
      attention(`${listText(others)}, not of Trinity, uses what is restored and stops too for that time.`),
    );
  return sentences;
}

/** The parts that Trinity itself works on. */
const ofPlatform: readonly string[] = ['persistence', 'config', 'files'];

function agentsOf(sources: RestorePlan['sources']): string {
  const agents = [...new Set(sources.flatMap((source) => source.agents))];
  if (agents.length === 0) return 'whatever uses it';
  return agentsText(agents);
}

function agentsText(agents: readonly string[]): string {
  return `the ${agents.length === 1 ? 'agent' : 'agents'} ${listText(agents)}`;
}
