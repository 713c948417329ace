import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../../build/entries.ts';

const proofColumn = 'proven here, by `test/`';

type ProofRow = Readonly<{ cells: readonly string[]; proof: string }>;

/** The rows of each table of the README that has a column of proofs. */
function proofTables(): readonly (readonly ProofRow[])[] {
  const readme = readFileSync(path.join(projectFolder, 'README.md'), 'utf8');
  const tables = readme.split(/\n{2,}/u).filter((block) => block.startsWith('|'));
  return tables.flatMap((table) => {
    const [head = [], , ...rows] = table.split('\n').map(cellsOf);
    const at = head.findIndex((cell) => cell === proofColumn);
    return at === -1 ? [] : [rows.map((cells) => ({ cells, proof: cells[at] ?? '' }))];
  });
}

function cellsOf(line: string): readonly string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

describe('the tables of proofs', () => {
  it('name tests that are there', () => {
    const named = proofTables().flatMap((rows) =>
      rows.flatMap(({ proof }) => [...proof.matchAll(/`([^`]+)`/gu)].map(([, name = '']) => name)),
    );
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((name) => !existsSync(path.join(projectFolder, 'test', name)))).toEqual([]);
  });

  it('answer each of the twenty recommendations of Electron once, and say for each whether Electron has shown it', () => {
    const twenty = proofTables().find((rows) => rows[0]?.cells[0] === '1') ?? [];
    expect(twenty.map(({ cells }) => cells[0])).toEqual(
      Array.from({ length: 20 }, (_, index) => String(index + 1)),
    );
    const shown = twenty.map(({ cells }) => cells.at(-1) ?? '');
    expect(
      shown.filter((text) => text !== 'not run' && !/\]\(https:\/\/github\.com\/\S+\)/u.test(text)),
    ).toEqual([]);
  });
});
