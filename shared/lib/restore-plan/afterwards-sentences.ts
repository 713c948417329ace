import type { RestorePlan } from '../../model/restore-plan.ts';
import { countOf } from '../size-text.ts';
import { attention, listText, plain, type PlanSentence } from './sentence.ts';

export function agentSentences({ younger, ownerless, revived }: RestorePlan): PlanSentence[] {
  const sentences = revived.map(({ agent, how }) =>
    plain(
      `The agent ${agent}, which was deleted since, is ${how === 'recovered' ? 'recovered' : 'created again'} in Trinity.`,
    ),
  );
  if (younger.agents.length > 0) {
    const [is, their] = younger.agents.length === 1 ? ['is', 'its'] : ['are', 'their'];
    sentences.push(
      attention(
        `${listText(younger.agents)} ${is} younger than this backup, and Trinity will not know ${younger.agents.length === 1 ? 'it' : 'them'} afterwards: ${their} volumes stay for now and are in the safety backup.`,
      ),
    );
  } else if (younger.volumes.length > 0) {
    sentences.push(
      attention(
        `${listText(younger.volumes)} is younger than this backup: it stays and is in the safety backup.`,
      ),
    );
  }
  if (ownerless.length > 0)
    sentences.push(
      attention(
        `No agent in Trinity owns ${listText(ownerless)} any more: Trinity removes it within hours, unless the agent is created again.`,
      ),
    );
  return sentences;
}

export function versionSentences({ versions }: RestorePlan): PlanSentence[] {
  if (versions === null || versions.state === 'same') return [];
  if (versions.state === 'unknown')
    return [
      attention('Which version of Trinity this backup is of is not known: see that yours is not older.'),
    ];
  const { backup, installed } = versions;
  return [
    plain(
      `The data is of Trinity ${backup ?? 'an earlier version'}; Trinity ${installed ?? ''} will migrate it when it starts.`,
    ),
  ];
}

export function keySentences({ keys }: RestorePlan): PlanSentence[] {
  if (keys === null || keys.state === 'same') return [];
  const made = 'The credentials in this backup were encrypted with another key than the one in .env';
  if (keys.state === 'lost')
    return [attention(`${made}, which the backup does not hold: they cannot be read afterwards.`)];
  if (keys.choice === 'leave') return [attention(`${made}: they cannot be read until you add it.`)];
  return [plain(`${made}: it is added there as the secondary key, so that Trinity can read them.`)];
}

export function quietSentences({ quiet, destination }: RestorePlan): PlanSentence[] {
  if (quiet === null || destination.way === 'to') return [];
  const sentences: PlanSentence[] = [];
  const on = quiet.schedules?.length ?? 0;
  const which = on > 0 && on <= 5 ? ` (${listText(quiet.schedules ?? [])})` : '';
  if (quiet.isOn) {
    const waiting =
      quiet.waitingRuns === 0
        ? ''
        : ` ${countOf(quiet.waitingRuns, 'waiting run')} ${quiet.waitingRuns === 1 ? 'is' : 'are'} cancelled.`;
    sentences.push(
      plain(`Trinity starts quietly: schedules stay off until you turn them on${which}.${waiting}`),
    );
  } else if (on > 0) {
    sentences.push(
      plain(`${countOf(on, 'schedule')} ${on === 1 ? 'goes' : 'go'} on as soon as Trinity starts${which}.`),
    );
  }
  if (quiet.reason === 'other-host')
    sentences.push(
      attention('This backup is of another host: see that Trinity does not run there any more.'),
    );
  return sentences;
}

export function hostSentences({ hostValues }: RestorePlan): PlanSentence[] {
  if (hostValues.length === 0) return [];
  const kept = hostValues.map(({ key, value }) => (value === null ? key : `${key}=${value}`));
  return [attention(`.env keeps of the old host, unless other values are given: ${kept.join(', ')}.`)];
}
