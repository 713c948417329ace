import { AppError } from '../../../shared/lib/app-error.ts';
import type { BackupRequest, ServiceContext } from '../services.ts';

const memory = 'memory';

/** The components of a backup, in the registry's order; `usage` when what was asked for is empty, unknown or said twice. */
export function requestedComponents(
  context: Pick<ServiceContext, 'registry' | 'settings'>,
  request: BackupRequest,
): readonly string[] {
  const known = context.registry.components;
  const asked = request.only ?? (request.agents === undefined ? context.settings.include : [memory]);
  if (asked !== undefined)
    checkNames(request.only === undefined ? 'The setting include' : '--only', asked, known);
  if (request.agents !== undefined) checkAgents(request.agents, asked);
  return asked === undefined ? known : known.filter((name) => asked.includes(name));
}

export function checkNames(option: string, asked: readonly string[], known: readonly string[]): void {
  if (asked.length === 0)
    throw new AppError('usage', `${option} names nothing. Name at least one of ${known.join(', ')}.`);
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new AppError(
      'usage',
      `${option} names "${unknown}", which is none of ${known.join(', ')}. Name one of these.`,
    );
  }
  checkOnce(option, asked);
}

export function checkOnce(option: string, asked: readonly string[]): void {
  const twice = asked.find((name, index) => asked.indexOf(name) !== index);
  if (twice !== undefined) throw new AppError('usage', `${option} names "${twice}" twice. Name it once.`);
}

function checkAgents(agents: readonly string[], only: readonly string[] | undefined): void {
  if (agents.length === 0)
    throw new AppError('usage', '--agent names no agent. Name one, or leave it out for all.');
  checkOnce('--agent', agents);
  if (only !== undefined && !only.includes(memory)) {
    throw new AppError(
      'usage',
      '--agent narrows the component memory, which --only leaves out. Name memory too.',
    );
  }
}
