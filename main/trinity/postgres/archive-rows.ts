/** The columns of `COPY schema.table (one, "Two, or more") FROM stdin;`, in order. */
export function copiedColumns(statement: string): readonly string[] {
  const columns: string[] = [];
  const list = / \((.*)\) FROM stdin;/su.exec(statement)?.[1] ?? '';
  for (const [, quoted, plain] of list.matchAll(/"((?:[^"]|"")*)"|([^",\s]+)/gu))
    columns.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
  return columns;
}

const letters: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The values of one line of COPY's text format. */
export function copiedValues(line: Buffer): readonly (string | null)[] {
  return line
    .toString('utf8')
    .split('\t')
    .map((value) => (value === String.raw`\N` ? null : unescaped(value)));
}

function unescaped(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replaceAll(/\\(.)/gsu, (_, letter: string) => letters[letter] ?? letter);
}
