/** A column: its title, and whether its cells are numbers, set to the right. */
export type Column = Readonly<{ title: string; right?: boolean }>;

/** A plain table with two spaces between columns; no line ends in spaces. */
export function tableText(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => (line[index] ?? '').length)));
  return lines
    .map((line) =>
      columns
        .map(({ right }, index) => {
          const cell = line[index] ?? '';
          const width = widths[index] ?? 0;
          return right === true ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `name: value` lines with the values under each other; those without a value are left out. */
export function factsText(facts: readonly (readonly [name: string, value: string | undefined])[]): string {
  const shown = facts.flatMap(([name, value]) => (value === undefined ? [] : [[`${name}:`, value] as const]));
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
