import { renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  damageLab,
  flip,
  mend,
  objectBytes,
  objectFile,
  objectNames,
  reopened,
  verify,
} from './damage-lab.ts';
import type { DamageLab } from './damage-lab.ts';

type Change = Readonly<{ what: string; apply: (name: string) => void }>;

/** Whether a full verify finds something and names this object, or the pack or backup that it is. */
async function isNamed(lab: DamageLab, name: string): Promise<boolean> {
  const { ok, damaged } = await verify(await reopened(lab));
  expect(ok).toBe(damaged.length === 0);
  return damaged.some(({ object }) => object === name);
}

async function expectNamed(
  lab: DamageLab,
  names: readonly string[],
  changes: readonly Change[],
): Promise<void> {
  for (const name of names) {
    for (const { what, apply } of changes) {
      mend(lab);
      apply(name);
      expect([`${name}: ${what}`, await isNamed(lab, name)]).toEqual([`${name}: ${what}`, true]);
    }
  }
}

function flips(lab: DamageLab, places: readonly number[]): readonly Change[] {
  return places.map((place) => ({
    what: `flipped at ${place}`,
    apply: (name) => {
      const { length } = objectBytes(lab, name);
      flip(lab, name, Math.floor(place < 1 && place > 0 ? place * length : (place + length) % length));
    },
  }));
}

function cuts(lab: DamageLab): readonly Change[] {
  const cutTo = (share: number, less: number): Change => ({
    what: `cut to ${share} less ${less}`,
    apply: (name) => {
      const { length } = objectBytes(lab, name);
      truncateSync(objectFile(lab, name), Math.floor(length * share) - less);
    },
  });
  return [cutTo(0, 0), cutTo(0.5, 0), cutTo(1, 1)];
}

function grown(lab: DamageLab): Change {
  return {
    what: 'grown by a byte',
    apply: (name) =>
      writeFileSync(objectFile(lab, name), Buffer.concat([objectBytes(lab, name), Buffer.of(0)])),
  };
}

function gone(lab: DamageLab): Change {
  return { what: 'gone', apply: (name) => rmSync(objectFile(lab, name)) };
}

function ofType(lab: DamageLab, type: RegExp): readonly string[] {
  const names = objectNames(lab).filter((name) => type.test(name));
  expect(names).not.toEqual([]);
  return names;
}

/** First and last bytes, those of headers, and some in between. */
const places = [0, 5, 12, 0.13, 0.5, -20, -1];

describe('verify --data full', { timeout: 600_000 }, () => {
  it('names a pack with any byte changed, cut off, grown or gone', async () => {
    const lab = await damageLab();
    const packs = ofType(lab, /^packs\//u).filter((name) => name !== lab.doomed);
    await expectNamed(lab, [lab.doomed], [...flips(lab, [0, 0.5, -1]), ...cuts(lab), grown(lab)]);
    await expectNamed(lab, packs.slice(0, 2), [...flips(lab, places), ...cuts(lab), grown(lab), gone(lab)]);
    await expectNamed(lab, packs.slice(2), [...flips(lab, [0, 0.5, -1]), gone(lab)]);
  });

  it('names a manifest, live or in the trash, with any byte changed, cut off, grown or gone', async () => {
    const lab = await damageLab();
    const live = ofType(lab, /^backups\//u);
    await expectNamed(lab, live, [...flips(lab, places), ...cuts(lab), grown(lab), gone(lab)]);
    const [trashed = ''] = ofType(lab, /^trash\//u);
    await expectNamed(lab, [trashed], [...flips(lab, [0, 12, 0.5, -1]), ...cuts(lab), grown(lab)]);
    mend(lab);
    rmSync(objectFile(lab, trashed));
    const backupId = trashed.slice('trash/'.length);
    expect((await verify(await reopened(lab))).damaged).toMatchObject([{ backups: [backupId] }]);
  });

  it('names index, header, keys and marks with any byte changed, cut off or grown', async () => {
    const lab = await damageLab();
    const copies = ofType(lab, /^(?:vault|keys)/u);
    const marks = ofType(lab, /^(?:doomed\/|marks\/pin)/u);
    const indexes = ofType(lab, /^index\//u);
    expect([copies.length, marks.length]).toEqual([4, 3]);
    const changes = [...flips(lab, [0, 5, 0.5, -1]), ...cuts(lab), grown(lab)];
    await expectNamed(lab, [...copies, ...marks, ...indexes.slice(0, 2)], changes);
    const pins = ofType(lab, /^marks\/pin/u);
    await expectNamed(lab, [...copies, ...pins], [gone(lab)]);
  });

  it('misses a part of the index that a backup needs, when it is gone', async () => {
    const lab = await damageLab();
    const found: string[] = [];
    for (const name of ofType(lab, /^index\//u)) {
      mend(lab);
      rmSync(objectFile(lab, name));
      const { damaged } = await verify(await reopened(lab));
      found.push(damaged.map(({ object }) => object).join());
    }
    // One of them is of the pack that no backup needs.
    expect(found.toSorted()).toEqual(['', ...Array.from({ length: found.length - 1 }, () => 'index')]);
    expect(found.length).toBeGreaterThan(2);
  });

  it('names both of two objects of a type that changed places, and nothing in a whole vault', async () => {
    const lab = await damageLab();
    expect(await verify(await reopened(lab))).toMatchObject({ ok: true, damaged: [] });
    for (const type of [/^packs\//u, /^backups\//u, /^index\//u]) {
      mend(lab);
      const [one = '', other = ''] = ofType(lab, type);
      renameSync(objectFile(lab, one), `${objectFile(lab, one)}-aside`);
      renameSync(objectFile(lab, other), objectFile(lab, one));
      renameSync(`${objectFile(lab, one)}-aside`, objectFile(lab, other));
      const named = (await verify(await reopened(lab))).damaged.map(({ object }) => object);
      expect(named).toEqual(expect.arrayContaining([one, other]));
    }
  });
});
