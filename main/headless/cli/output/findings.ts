import type { Finding } from '../../../../shared/model/finding.ts';

const shownAtMost = 20;

/** Warnings and notes as lines; beyond twenty of a kind their number. */
export function findingsText(
  found: Readonly<{ warnings: readonly Finding[]; notes: readonly Finding[] }>,
): readonly string[] {
  return [...linesOf('Warning', found.warnings), ...linesOf('Note', found.notes)];
}

function linesOf(label: string, findings: readonly Finding[]): string[] {
  const lines = findings
    .slice(0, shownAtMost)
    .map((finding) => `${label}${placeText(finding)}: ${finding.message}`);
  const left = findings.length - lines.length;
  return left > 0 ? [...lines, `… and ${left} more of this kind; --json shows all.`] : lines;
}

function placeText({ component, volume, path }: Finding): string {
  const place = [component, volume, path].filter((part) => part !== undefined && part !== '').join('/');
  return place === '' ? '' : ` (${place})`;
}
