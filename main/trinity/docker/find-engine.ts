import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { openDockerEngine, type DockerEngine } from './docker-engine.ts';
import { engineCandidates, readSurroundings, type EngineCandidate } from './engine-candidates.ts';
import type { EngineFacts } from './engine-facts.ts';

/** Trinity's fixed name for the container of its backend. */
export const backendContainer = 'trinity-backend';

export type FoundEngine = Readonly<{
  engine: DockerEngine;
  facts: EngineFacts;
  /** For people: which it is and why it was taken. */
  why: string;
  hasTrinity: boolean;
  /** All that was looked at, and what came of it. */
  tried: readonly Readonly<{ host: string; source: string; outcome: string }>[];
}>;

type EngineQuestion = Readonly<{
  /** What the operator named; nothing else is looked at then. */
  dockerHost: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** The home folder of the user. */
  home: string;
}>;

type Probe = Readonly<{ candidate: EngineCandidate }> &
  (
    | Readonly<{ engine: DockerEngine; facts: EngineFacts; hasTrinity: boolean }>
    | Readonly<{ error: AppError }>
  );
type Answer = Extract<Probe, { facts: EngineFacts }>;

/** A hung engine must not keep the others waiting for long. */
const probeLimitMs = 10_000;

/**
 * The engine that holds Trinity, else the first that answers. Rejects with what to do: two engines that both hold Trinity, none that
 * answers, no right to its socket, or only engines elsewhere.
 */
export async function findEngine(question: EngineQuestion, signal: AbortSignal): Promise<FoundEngine> {
  const { dockerHost, env, home } = question;
  const candidates =
    dockerHost === undefined
      ? engineCandidates(await readSurroundings(env, home))
      : [{ host: dockerHost, source: '--docker-host', isExplicit: true }];
  const probes = await Promise.all(candidates.map(async (candidate) => await probe(candidate, signal)));
  signal.throwIfAborted();
  const answers = distinct(probes.filter((one) => 'facts' in one));
  const chosen = choose(answers);
  // What the operator set for this session does not work, and nothing else holds Trinity: that is what to mend.
  const unusable = probes.find((one) => one.candidate.isExplicit && 'error' in one);
  if (chosen?.hasTrinity !== true && unusable !== undefined && 'error' in unusable) throw unusable.error;
  if (chosen === undefined) throw noEngine(probes);
  const { engine, facts, hasTrinity, candidate } = chosen;
  const holds = hasTrinity ? 'it holds Trinity' : 'it is the first that answers';
  const why = `${engine.host} (${candidate.source}): ${holds}.`;
  return { engine, facts, hasTrinity, why, tried: probes.map(triedText) };
}

async function probe(candidate: EngineCandidate, signal: AbortSignal): Promise<Probe> {
  try {
    const engine = await openDockerEngine(candidate.host, { stallMs: probeLimitMs });
    const facts = await engine.facts(signal);
    const hasTrinity = (await engine.inspectContainer(backendContainer, signal)) !== undefined;
    // From now on it may take the time that calls usually have.
    return { candidate, facts, hasTrinity, engine: await openDockerEngine(candidate.host) };
  } catch (error) {
    const known =
      error instanceof AppError ? error : new AppError('failed', messageOf(error), { cause: error });
    return { candidate, error: known };
  }
}

/** One engine may be reached by several addresses; the first counts. */
function distinct(answers: readonly Answer[]): readonly Answer[] {
  const ids = answers.map(({ facts }) => facts.id);
  return answers.filter(({ facts }, at) => ids.indexOf(facts.id) === at);
}

function choose(answers: readonly Answer[]): Answer | undefined {
  const holding = answers.filter(({ hasTrinity }) => hasTrinity);
  const [first] = holding;
  if (first !== undefined && holding.length > 1 && !first.candidate.isExplicit) {
    const hosts = holding.map(({ engine }) => engine.host).join(' and ');
    throw new AppError(
      'refused',
      `There is a Trinity on ${hosts}. Which one is to be backed up? Name its engine with --docker-host.`,
    );
  }
  return first ?? answers[0];
}

/** What helps most: a right that is missing, then an engine elsewhere, then what the first one said. */
function noEngine(probes: readonly Probe[]): AppError {
  const errors = probes.flatMap((one) => ('error' in one ? [one.error] : []));
  const isAbsent = ({ details }: AppError): boolean => details['engineAbsent'] === true;
  const telling = errors.find((error) => !isAbsent(error));
  if (telling !== undefined) return telling;
  const [only] = errors;
  if (only !== undefined && errors.length === 1) return only;
  const hosts = probes.map(({ candidate }) => candidate.host).join(', ');
  return new AppError(
    'unavailable',
    `No Docker engine answers at ${hosts}. Start Docker, or name the engine with --docker-host.`,
    { details: { engineAbsent: true } },
  );
}

function triedText(one: Probe): FoundEngine['tried'][number] {
  const { host, source } = one.candidate;
  if ('error' in one) return { host, source, outcome: one.error.message };
  return { host, source, outcome: one.hasTrinity ? 'It holds Trinity.' : 'It holds no Trinity.' };
}
