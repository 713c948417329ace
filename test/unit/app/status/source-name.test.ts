import { describe, expect, it } from 'vitest';
import { sourceName } from '../../../../main/app/status/source-name.ts';

describe('sourceName', () => {
  it.each([
    ['persistence', [], 'the database'],
    ['config', [], 'the configuration'],
    ['memory/agent-echo-workspace', [], 'agent echo'],
    ['memory/agent-scout-workspace', ['research'], 'agent research'],
    ['memory/agent-writer-shared', ['writer', 'reader'], 'agent writer (shared)'],
    ['memory/old-data', [], 'volume old-data'],
    ['paths/srv-shared', [], 'the folder srv-shared'],
    ['special', [], 'special'],
  ])('says %s of %j', (source, agents, name) => {
    expect(sourceName(source, agents)).toBe(name);
  });
});
