import { describe, expect, it } from 'vitest';
import { agentNameProblem } from '../../../../shared/lib/agent-name.ts';

describe('the name of a new agent', () => {
  it.each(['echo-copy', 'echo2', '2nd', 'a', 'echo_copy', 'echo.old', 'a'.repeat(57)])(
    'may be %s, which Trinity takes as it is',
    (name) => expect(agentNameProblem(name)).toBeUndefined(),
  );

  it.each(['', 'Echo', 'echo copy', '-echo', 'echo-', 'a--b', '_db-backup', '.hidden', 'écho', "a'b", 'a/b'])(
    'may not be "%s", which Trinity would refuse or write in another way',
    (name) => expect(agentNameProblem(name)).toMatch(/\.$|echo-copy\.$/u),
  );

  it('is short enough for the name of a host', () => {
    expect(agentNameProblem('a'.repeat(58))).toContain('57');
  });

  it("is not that of Trinity's own agent", () => {
    expect(agentNameProblem('trinity-system')).toContain('own agent');
  });
});
