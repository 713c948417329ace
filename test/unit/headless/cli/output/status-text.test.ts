import { describe, expect, it } from 'vitest';
import { agentsState } from '../../../../../main/backup/agents-state.ts';
import { judge } from '../../../../../main/app/status/judge.ts';
import { judgeSources } from '../../../../../main/app/status/judge-source.ts';
import type { StatusFacts } from '../../../../../main/app/status/facts.ts';
import { statusText } from '../../../../../main/headless/cli/output/status-text.ts';
import { nowMs, statusFacts, statusSource } from '../../../../fakes/status-facts.ts';

const volume = { name: 'agent-scout-public', included: true, role: 'public', agents: [] } as const;

function textOf(changes: Partial<StatusFacts>): string {
  const facts = statusFacts(changes);
  const status = {
    ...judge(facts),
    sources: judgeSources(facts),
    memory: agentsState([], [volume]),
    warnings: [],
    nextRunAt: null,
    quietStart: null,
  };
  return statusText(status, nowMs);
}

function secondLine(changes: Partial<StatusFacts>): string | undefined {
  return textOf(changes).split('\n')[1];
}

describe('statusText', () => {
  it('says by which command a state is mended', () => {
    const never = [statusSource('agent one', { provenMs: undefined })];
    expect(secondLine({ sources: never })).toBe('What to do: trinity-backup drill');
    expect(secondLine({ vault: 'locked' })).toBe('What to do: trinity-backup connect --vault FOLDER');
    expect(secondLine({ schedule: 'stopped' })).toBe('What to do: trinity-backup serve');
    expect(secondLine({ pause: { untilMs: undefined } })).toBe(
      'What to do: trinity-backup settings set pausedUntil null',
    );
    expect(secondLine({ damage: '1 backup is damaged.' })).toBe(
      'What to do: trinity-backup backup, then trinity-backup verify --data full',
    );
  });

  it('says nothing to do where all is well, or it goes by itself', () => {
    expect(secondLine({})).toBe('');
    expect(secondLine({ vault: 'absent', vaultProblem: 'it is away' })).toBe('');
  });

  it('guesses no owner of a volume by its name before the first backup', () => {
    const never = [statusSource('the database', { lastGoodMs: undefined, provenMs: undefined })];
    expect(textOf({ sources: never })).toContain('SOURCE');
    expect(textOf({ sources: never })).not.toContain('AGENT');
    expect(textOf({})).toContain('AGENT');
  });
});
