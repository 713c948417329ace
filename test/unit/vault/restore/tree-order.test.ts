import { describe, expect, it } from 'vitest';
import { TreeOrder } from '../../../../main/vault/restore/tree-order.ts';
import { fileEntry, folderEntry } from '../../../fakes/entries.ts';

/** Lists what happens, as the names of folders entered and left. */
function recorded() {
  const events: string[] = [];
  const order = new TreeOrder({
    folder: (number, place) =>
      events.push(`+${String(number)} ${String(place.parent)}/${place.name.toString()}`),
    finished: (number) => events.push(`-${String(number)}`),
  });
  const folder = (path: string, wanted = true): void => {
    const entry = folderEntry(path);
    if (entry.kind === 'folder') {
      order.enter(entry, wanted);
    }
  };
  return { events, order, folder };
}

describe('TreeOrder', () => {
  it('numbers folders as they come, and finishes the inner ones first', () => {
    const { events, order, folder } = recorded();
    for (const path of ['', 'a', 'a/b', 'c']) {
      folder(path);
    }
    order.end();
    expect(events).toEqual(['+0 0/', '+1 0/a', '+2 1/b', '-2', '-1', '+3 0/c', '-3', '-0']);
  });

  it('makes folders that were not wanted once something in them is', () => {
    const { events, order, folder } = recorded();
    folder('');
    folder('a', false);
    folder('a/b', false);
    folder('a/c', false);
    expect(order.placeOf(fileEntry('a/c/file'))).toEqual({ parent: 2, name: Buffer.from('file') });
    order.end();
    expect(events).toEqual(['+0 0/', '+1 0/a', '+2 1/c', '-2', '-1', '-0']);
  });

  it.each([
    ['a file in a file', ['', 'f'], 'f/x'],
    ['a file in a folder that ended', ['', 'a', 'b'], 'a/x'],
    ['a path whose folder only begins like one that is there', ['', 'ab'], 'a/x'],
  ])('refuses %s', (_, folders, file) => {
    const { order, folder } = recorded();
    folders.filter((path) => path !== 'f').forEach((path) => folder(path));
    expect(() => order.placeOf(fileEntry(file))).toThrow(/lies in no folder/u);
  });

  it('refuses a second root, and a tree without one', () => {
    const { folder } = recorded();
    folder('');
    expect(() => folder('')).toThrow(/lies in no folder/u);
    expect(() => recorded().folder('a')).toThrow(/lies in no folder/u);
    expect(() => recorded().order.placeOf(fileEntry('f'))).toThrow(/lies in no folder/u);
  });
});
