import { describe, expect, it } from 'vitest';
import { type TrayFacts, type TrayItem, trayModel } from '../../../../main/app/tray/tray-model.ts';

const nowMs = Date.parse('2026-03-02T12:00:00Z');

function facts(more: Partial<TrayFacts> = {}): TrayFacts {
  const action = { label: 'Back up now', operation: 'backup', input: {} };
  return {
    judgement: { state: 'protected', sentence: 'Protected.', shape: 'check', action },
    agents: ['research', 'writer'],
    isPaused: false,
    runs: [],
    isBusy: false,
    nowMs,
    ...more,
  };
}

function menu(more: Partial<TrayFacts>, label: string): readonly TrayItem[] {
  const found = trayModel(facts(more)).items.find((item) => item.kind === 'menu' && item.label === label);
  return found?.kind === 'menu' ? found.items : [];
}

const labelsOf = (items: readonly TrayItem[]): readonly string[] =>
  items.map((item) => (item.kind === 'line' ? '—' : item.label));

describe('trayModel', () => {
  it('has the items in their order, and the sentence as header and tooltip', () => {
    const { items, tooltip, shape } = trayModel(facts());
    expect([tooltip, shape]).toEqual(['Protected.', 'check']);
    expect(labelsOf(items)).toEqual([
      'Protected.',
      '—',
      'Back up now',
      'Restore…',
      'Pause',
      'Recent',
      '—',
      'Open Trinity Backup',
      'Settings…',
      'Quit',
    ]);
    expect(items[0]?.kind).toBe('text');
  });

  it('offers what mends the state, unless the menu has it anyway', () => {
    const action = { label: 'Run a rehearsal', operation: 'drill', input: {} };
    const judgement = { ...facts().judgement, action };
    expect(trayModel(facts({ judgement })).items[1]).toEqual({
      kind: 'deed',
      label: 'Run a rehearsal',
      deed: { do: 'mend', action },
      isEnabled: true,
    });
  });

  it('offers nothing to back up before it is set up', () => {
    const action = { label: 'Set up', operation: 'show', input: { page: 'setup' } };
    const judgement = { state: 'set up', sentence: 'Not set up yet.', shape: 'clock', action } as const;
    expect(labelsOf(trayModel(facts({ judgement })).items)).toEqual([
      'Not set up yet.',
      'Set up',
      '—',
      'Open Trinity Backup',
      'Settings…',
      'Quit',
    ]);
  });

  it('backs up everything, the database, or an agent, and nothing while something runs', () => {
    const items = menu({}, 'Back up now');
    expect(items.flatMap((item) => (item.kind === 'deed' ? [[item.label, item.deed]] : []))).toEqual([
      ['Everything', { do: 'backup' }],
      ['Database', { do: 'backup', only: ['persistence'] }],
      ['research', { do: 'backup', agents: ['research'] }],
      ['writer', { do: 'backup', agents: ['writer'] }],
    ]);
    const busy = menu({ isBusy: true }, 'Back up now');
    expect(busy.every((item) => item.kind !== 'deed' || !item.isEnabled)).toBe(true);
  });

  it('leads to the page of agents where they are too many for a menu', () => {
    const agents = Array.from({ length: 30 }, (_, index) => `agent ${String(index)}`);
    expect(menu({ agents }, 'Back up now').at(-1)).toMatchObject({
      label: '10 more…',
      deed: { do: 'open', address: '#/agents' },
    });
  });

  it('resumes where it is paused', () => {
    expect(labelsOf(trayModel(facts({ isPaused: true })).items)).toContain('Resume');
    expect(menu({ isPaused: true }, 'Pause')).toEqual([]);
    expect(labelsOf(menu({}, 'Pause'))).toEqual(['1 hour', 'Until tomorrow', 'Until I resume']);
  });

  it('tells the last five runs by shape, time and size', () => {
    expect(labelsOf(menu({}, 'Recent'))).toEqual(['No backup yet']);
    const run = { id: 7, startedMs: nowMs - 12 * 60_000, bytes: 15_200_000, message: undefined };
    const outcomes = ['succeeded', 'incomplete', 'failed', 'cancelled', 'skipped', 'succeeded'] as const;
    const runs = outcomes.map((outcome) => ({ ...run, outcome }));
    expect(labelsOf(menu({ runs }, 'Recent'))).toEqual([
      '✓ 12 min ago, 15.2 MB',
      '▲ 12 min ago, incomplete',
      '✕ 12 min ago, failed',
      '– 12 min ago, cancelled',
      '◦ 12 min ago, skipped',
    ]);
  });
});
