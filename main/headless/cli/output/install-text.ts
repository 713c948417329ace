import { sizeText, countOf } from '../../../../shared/lib/size-text.ts';
import type { InstallReport, ReportedVolume } from '../../../app/operations/install/install-report.ts';
import { factsText, tableText } from './table.ts';

/** What was found of an install: facts, components, agents, volumes, and what stands in the way. */
export function installText(report: InstallReport): string {
  const { volumes, components, agentStates } = report;
  const facts = factsText([
    ['Install', report.folder],
    ['Project', `${report.projectName} (${report.form})`],
    ['Trinity', report.version ?? undefined],
    ['Docker', report.engine === null ? `not used: ${report.engineReason}` : report.engineReason],
    ['Data', report.dataVolume === null ? report.dataFolder : `the volume ${report.dataVolume}`],
    ['Database', report.databaseFile ?? 'Postgres'],
    ['Volumes', report.volumesRoot ?? undefined],
  ]);
  const parts = [facts, componentTable(components)];
  if (agentStates.length > 0) parts.push(agentTable(agentStates));
  if (volumes.length > 0) {
    const included = volumes.filter((volume) => volume.included);
    const sum = `${countOf(included.length, 'volume')} of ${volumes.length} will be backed up.`;
    parts.push(volumeTable(volumes), [sum, ...reasons(included)].join('\n'));
  }
  return [parts.join('\n\n'), ...trouble(report)].join('\n');
}

function componentTable(components: InstallReport['components']): string {
  return tableText(
    [{ title: 'COMPONENT' }, { title: 'COVERED' }, { title: 'HOW' }],
    components.map(({ component, covered, reason }) => [component, covered ? 'yes' : 'no', reason]),
  );
}

function agentTable(agents: InstallReport['agentStates']): string {
  return tableText(
    [{ title: 'AGENT' }, { title: 'CONTAINER' }, { title: 'VOLUMES' }],
    agents.map(({ name, state, volumes }) => [name, state ?? '-', volumes.join(', ')]),
  );
}

function volumeTable(volumes: readonly ReportedVolume[]): string {
  return tableText(
    [
      { title: 'VOLUME' },
      { title: 'ROLE' },
      { title: 'AGENTS' },
      { title: 'SIZE', right: true },
      { title: 'ACCESS' },
      { title: 'BACKED UP' },
    ],
    volumes.map(({ name, role, agents, bytes, access, included, reason }) => [
      name,
      role,
      agents.join(', '),
      bytes === null ? '-' : sizeText(bytes),
      access.mode,
      included ? 'yes' : `no: ${reason}`,
    ]),
  );
}

/** Why volumes are reached as they are: each reason once, with how many it is for. */
function reasons(included: readonly ReportedVolume[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { access } of included) {
    const text = `${access.mode}: ${access.reason}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => `Access by ${text} (${countOf(count, 'volume')})`);
}

function trouble(report: InstallReport): readonly string[] {
  const missing = report.missingVolumes.map(
    ({ name, agent }) => `Missing: the volume ${name} of ${agent} is not there.`,
  );
  const skipped = report.skippedAgents.map(({ agent, reason }) => `Skipped: ${agent}. ${reason}`);
  return [...missing, ...skipped, ...report.problems.map((problem) => `Problem: ${problem}`)];
}
