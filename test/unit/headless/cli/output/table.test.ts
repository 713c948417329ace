import { describe, expect, it } from 'vitest';
import { factsText, tableText } from '../../../../../main/headless/cli/output/table.ts';

describe('tableText', () => {
  it('lines columns up, numbers to the right, without spaces at the end of lines', () => {
    const columns = [{ title: 'NAME' }, { title: 'SIZE', right: true }, { title: 'NOTE' }];
    expect(
      tableText(columns, [
        ['a', '1', ''],
        ['longer', '1234567', 'x'],
      ]),
    ).toBe(['NAME       SIZE  NOTE', 'a             1', 'longer  1234567  x'].join('\n'));
  });
});

describe('factsText', () => {
  it('leaves out what has no value', () => {
    expect(
      factsText([
        ['One', '1'],
        ['Two', undefined],
        ['Three', '3'],
      ]),
    ).toBe('One:    1\nThree:  3');
  });
});
