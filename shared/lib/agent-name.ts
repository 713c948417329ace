/** Trinity reaches an agent as the host `agent-<name>`, and a part of a host's name has 63 characters at most. */
const mostCharacters = 57;
const systemAgent = 'trinity-system';

/** Why no new agent can have this name; undefined where Trinity takes it as it is. Whether it is free only Trinity's data tells. */
export function agentNameProblem(name: string): string | undefined {
  if (name === '') return 'Type a name for the agent.';
  if (name.length > mostCharacters) return `Choose a name of at most ${String(mostCharacters)} characters.`;
  // Trinity writes other names in its own way: in small letters, with one hyphen for several, and none at the end.
  if (!/^[a-z0-9][a-z0-9_.-]*$/u.test(name) || name.includes('--') || name.endsWith('-'))
    return 'Use small letters, digits and single hyphens, with a letter or digit at both ends: echo-copy.';
  if (name === systemAgent) return `${systemAgent} is Trinity's own agent. Choose another name.`;
  return undefined;
}
