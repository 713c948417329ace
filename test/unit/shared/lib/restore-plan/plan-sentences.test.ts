import { describe, expect, it } from 'vitest';
import { planSentences } from '../../../../../shared/lib/restore-plan/plan-sentences.ts';
import { aboutText, sentenceText } from '../../../../../shared/lib/restore-plan/sentence.ts';
import type { PlannedSource, RestorePlan } from '../../../../../shared/model/restore-plan.ts';

const nowMs = Date.parse('2026-11-20T15:00:00Z');
const none = { files: 0, bytes: 0 };

function counted(files: number, bytes = 0) {
  return { files, bytes };
}

function source(more: Partial<PlannedSource> = {}): PlannedSource {
  return {
    source: 'memory/agent-research-workspace',
    component: 'memory',
    volume: 'agent-research-workspace',
    agents: ['research'],
    held: counted(5326, 12_000_000),
    paths: 0,
    way: 'compared',
    counts: {
      changed: counted(312, 4_000_000),
      added: counted(14, 1000),
      removed: counted(3, 500),
      unchanged: counted(5000, 8_000_000),
      folders: 0,
      kept: { excluded: 0, unread: 0, special: 0 },
    },
    ...more,
  };
}

function planned(more: Partial<RestorePlan> = {}): RestorePlan {
  return {
    planId: 'p',
    backupId: '0123456789ab',
    timestamp: '2026-11-20T12:00:00Z',
    from: null,
    destination: { way: 'in-place' },
    sources: [source()],
    failed: [],
    safetyBackup: 'made',
    stops: {
      containers: [{ name: 'agent-research', agent: 'research', isTrinity: true }],
      estimatedMs: 17_300,
    },
    estimatedMs: 61_000,
    space: [],
    versions: null,
    keys: null,
    younger: { agents: [], volumes: [] },
    ownerless: [],
    revived: [],
    quiet: null,
    hostValues: [],
    isOtherInstall: false,
    warnings: [],
    notes: [],
    ...more,
  };
}

function texts(more: Partial<RestorePlan> = {}): readonly string[] {
  return planSentences(planned(more), nowMs).map(sentenceText);
}

const asNew = {
  way: 'as',
  agent: 'research',
  name: 'second',
  template: 'research',
  leftOut: [],
  isStarted: true,
} as const;

describe('the sentences of a plan', () => {
  it('say of an agent under another name what it gets, what it does not, and who starts it', () => {
    const apart = [source({ way: 'apart', counts: null })];
    expect(texts({ destination: asNew, sources: apart, stops: null, estimatedMs: null })).toEqual([
      'A new agent, second, is made of research; nothing that is there now is changed or stopped.',
      'Its owner and limits are those that research has in Trinity now.',
      'It gets a key of its own, and no schedules, permissions, shared links, channels or git sync: add in Trinity what it is to have.',
      'Its files are those of research, with the passwords and keys in them: both agents act in the same accounts.',
      'Trinity starts it when all of it is there.',
      'The volume agent-research-workspace of research: 5,326 files (12.0 MB).',
    ]);
    const other = { ...asNew, template: null, leftOut: ['notes'], isStarted: false };
    const told = texts({ destination: other, isOtherInstall: true }).join(' ');
    expect(told).toMatch(/no agent research any more.*notes can be no other agent's.*Start it in Trinity/u);
    expect(told).toContain('This backup is of another install');
  });

  it('say first how it is undone, then who stops, then what changes, and last how long it takes', () => {
    expect(texts()).toEqual([
      'First, what is replaced is backed up, so that this can be undone.',
      'The agent research stops for about 20 s.',
      'The volume agent-research-workspace of research: 312 files change (4.00 MB), 14 come back (1.00 kB), 3 added since are removed (500 B), 5,000 stay as they are.',
      'All in all it takes about 1 min 10 s.',
    ]);
  });

  it('have a table behind each number that is a change', () => {
    const tables = planSentences(planned(), nowMs).flatMap(({ parts }) =>
      parts.flatMap(({ table }) => (table === undefined ? [] : [table])),
    );
    const of = { source: 'memory/agent-research-workspace' };
    expect(tables).toEqual([
      { ...of, change: 'changed', files: 312 },
      { ...of, change: 'added', files: 14 },
      { ...of, change: 'removed', files: 3 },
    ]);
  });

  it('are right for one of each, and for none', () => {
    const kept = { excluded: 0, unread: 0, special: 0 };
    const one = {
      changed: counted(1),
      added: counted(1),
      removed: counted(1),
      unchanged: counted(1),
      folders: 0,
      kept,
    };
    expect(texts({ sources: [source({ counts: one })] })[2]).toContain(
      '1 file changes, 1 comes back, 1 added since is removed, 1 stays as it is.',
    );
    const same = { changed: none, added: none, removed: none, unchanged: counted(7), folders: 0, kept };
    expect(texts({ sources: [source({ counts: same })] })[2]).toContain(
      'nothing differs, all 7 files stay as they are.',
    );
    const folders = { ...same, folders: 2 };
    expect(texts({ sources: [source({ counts: folders })] })[2]).toContain('only 2 empty folders differ');
    const back = { ...same, added: counted(2, 10), unchanged: none };
    expect(texts({ sources: [source({ counts: back })] })[2]).toContain(': 2 files come back (10 B).');
  });

  it('name together the many in which nothing differs, behind those that change', () => {
    const kept = { excluded: 0, unread: 0, special: 0 };
    const same = { changed: none, added: none, removed: none, unchanged: counted(7), folders: 0, kept };
    const unchanged = ['a', 'b', 'c', 'd'].map((name) =>
      source({ source: `memory/${name}`, volume: name, counts: same }),
    );
    expect(texts({ sources: [...unchanged, source()] }).slice(2, -1)).toEqual([
      expect.stringMatching(/^The volume agent-research-workspace of research: 312 files change/u),
      'In the other 4 parts nothing differs, and their 28 files stay as they are: a, b, c and d.',
    ]);
    expect(texts({ sources: unchanged })[2]).toMatch(/^In all 4 parts nothing differs/u);
    expect(texts({ sources: unchanged.slice(1) }).slice(2, -1)).toHaveLength(3);
  });

  it('sum up many volumes that are written beside what is live', () => {
    const volumes = ['a', 'b', 'c', 'd'].map((name) =>
      source({ source: `memory/${name}`, volume: name, agents: [name], way: 'apart', counts: null }),
    );
    const destination = { way: 'new-install', folder: '/opt/trinity' } as const;
    expect(texts({ destination, sources: volumes, stops: null })).toContain(
      '4 volumes of a, b, c and d: 21,304 files (48.0 MB).',
    );
  });

  it('name all who stop, and apart those that are not of Trinity', () => {
    const containers = [
      { name: 'trinity-backend', agent: null, isTrinity: true },
      { name: 'trinity-scheduler', agent: null, isTrinity: true },
      { name: 'agent-a', agent: 'a', isTrinity: true },
      { name: 'agent-b', agent: 'b', isTrinity: true },
      { name: 'gitea', agent: null, isTrinity: false },
    ];
    expect(texts({ stops: { containers, estimatedMs: 4000 } }).slice(1, 3)).toEqual([
      'Trinity and the agents a and b stop for about 4 s.',
      'gitea, not of Trinity, uses what is restored and stops too for that time.',
    ]);
    expect(texts({ stops: { containers: containers.slice(0, 2), estimatedMs: 4000 } })[1]).toBe(
      'Trinity stops for about 4 s.',
    );
    expect(texts({ stops: { containers: [], estimatedMs: 0 } })[1]).toBe(
      'Nobody uses it now, so nobody has to stop.',
    );
    expect(texts({ stops: null })[1]).toContain('stop the agent research yourself before you go on');
    const ofNobody = [source({ agents: [] })];
    expect(texts({ stops: null, sources: ofNobody })[1]).toContain('stop whatever uses it yourself');
  });

  it('say what is unknown as unknown, and what goes back as one', () => {
    const database = source({ source: 'persistence', agents: [], way: 'replaced', counts: null });
    expect(texts({ sources: [database] })[2]).toBe(
      'The database goes back as a whole (12.0 MB), as it was 3 hours ago.',
    );
    expect(texts({ sources: [source({ way: 'unread', counts: null })] })[2]).toContain(
      'how many differ is not known before Trinity stands still',
    );
  });

  it('tell what is carried over by its reason', () => {
    const { counts } = source();
    if (counts === null) throw new Error('It has counts.');
    const kept = { excluded: 1200, unread: 2, special: 1 };
    expect(texts({ sources: [source({ counts: { ...counts, kept } })] })[3]).toBe(
      '1,203 files and folders that the backup does not hold stay: 1,200 left out by the exclusions, 2 that could not be read, 1 socket or the like.',
    );
  });

  it('warn of what somebody should think of', () => {
    const attention = planSentences(
      planned({
        safetyBackup: 'none',
        from: 'nas',
        isOtherInstall: true,
        failed: ['memory/agent-x-workspace'],
        younger: { agents: ['new'], volumes: ['agent-new-workspace'] },
        ownerless: ['agent-gone-workspace'],
        keys: { state: 'lost', choice: 'secondary' },
        quiet: { isOn: true, reason: 'other-host', schedules: ['a/b'], waitingRuns: 1 },
        space: [{ folder: '/data', neededBytes: 2000, freeBytes: 1000 }],
      }),
      nowMs,
    ).filter(({ tone }) => tone === 'attention');
    expect(attention.map(sentenceText)).toEqual([
      'No safety backup is made: this cannot be undone.',
      'The copy nas of the vault is read.',
      'This backup is of another install than the one here.',
      'The volume agent-x-workspace is not in this backup and stays as it is.',
      'new is younger than this backup, and Trinity will not know it afterwards: its volumes stay for now and are in the safety backup.',
      'No agent in Trinity owns agent-gone-workspace any more: Trinity removes it within hours, unless the agent is created again.',
      'The credentials in this backup were encrypted with another key than the one in .env, which the backup does not hold: they cannot be read afterwards.',
      'This backup is of another host: see that Trinity does not run there any more.',
      '2.00 kB are needed at most on the disk of /data, where 1.00 kB are free: make room first.',
    ]);
  });

  it('say of a folder only what is written there', () => {
    const apart = source({ way: 'apart', counts: null });
    const there = { destination: { way: 'to', folder: '/out' }, sources: [apart], stops: null } as const;
    expect(texts({ ...there, safetyBackup: 'nothing-live', estimatedMs: null })).toEqual([
      'Plain files are written to /out, for this user only; nothing else is touched.',
      'The volume agent-research-workspace of research: 5,326 files (12.0 MB).',
    ]);
  });

  it('say what starts, what stays off, what migrates, and which key is added', () => {
    const quiet = { isOn: true, reason: 'old', schedules: ['echo/morning'], waitingRuns: 4 } as const;
    expect(texts({ quiet })).toContain(
      'Trinity starts quietly: schedules stay off until you turn them on (echo/morning). 4 waiting runs are cancelled.',
    );
    expect(texts({ quiet: { ...quiet, isOn: false } })).toContain(
      '1 schedule goes on as soon as Trinity starts (echo/morning).',
    );
    expect(texts({ versions: { state: 'migrates', backup: '0.9', installed: '1.0' } })).toContain(
      'The data is of Trinity 0.9; Trinity 1.0 will migrate it when it starts.',
    );
    expect(texts({ keys: { state: 'held', choice: 'secondary' } }).join(' ')).toContain('secondary key');
    expect(texts({ keys: { state: 'same', choice: 'secondary' } })).toEqual(texts());
    expect(texts({ revived: [{ agent: 'x', how: 'created' }] })).toContain(
      'The agent x, which was deleted since, is created again in Trinity.',
    );
  });
});

describe('aboutText', () => {
  it('is as rough as what it tells', () => {
    expect([0, 1200, 9000, 12_100, 44_000, 61_000, 3_700_000].map(aboutText)).toEqual([
      '1 s',
      '2 s',
      '9 s',
      '15 s',
      '45 s',
      '1 min 10 s',
      '1 h 1 min',
    ]);
  });
});
