import { randomBytes } from 'node:crypto';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { StorageCheck } from '../storage-check.ts';
import { cancelled } from '../bounded-call.ts';
import { NewObjects } from './objects/new-objects.ts';
import { partsOf } from './open-s3-storage.ts';
import type { S3StorageOptions } from './open-s3-storage.ts';
import type { Call } from './line/s3-calls.ts';
import { rawKeys } from './objects/s3-list.ts';
import type { S3Place } from './s3-place.ts';
import { readObject, readObjectRange } from './objects/s3-read.ts';
import type { S3Parts } from './line/s3-parts.ts';
import { deleteObject } from './objects/s3-object.ts';
import { putInParts } from './objects/s3-upload.ts';
import { writeObject } from './objects/s3-write.ts';
import { storageClock } from './line/storage-clock.ts';

type Trial = Readonly<{
  what: string;
  /** What to do when it fails. */
  advice: string;
  /** Gives what is worth knowing where it goes well; throws where it does not. */
  run: () => Promise<string | undefined>;
}>;

type Question = Readonly<{ s3: S3Parts; call: Call; now: () => number }>;

/** Somebody waits for the outcome. */
const attempts = 3;
const mostSkewMs = 5 * 60_000;
const content = Buffer.from('a test of this storage; it may be deleted');

/** Tries everything that a vault needs in a bucket, under a throw-away name, and removes what it made. */
export async function testS3(
  place: S3Place,
  options: S3StorageOptions & Readonly<{ signal?: AbortSignal; now: () => number }>,
): Promise<readonly StorageCheck[]> {
  const { signal, now, ...storageOptions } = options;
  const s3 = await partsOf(place, { ...storageOptions, attempts });
  const name = `tmp/test-${randomBytes(12).toString('hex')}`;
  const call: Call = { operation: 'put', name, ...(signal === undefined ? {} : { options: { signal } }) };
  const checks: StorageCheck[] = [];
  for (const trial of trialsOf({ s3, call, now })) {
    const { check, isOfPlace } = await outcomeOf(trial);
    if (signal?.aborted === true) throw cancelled(signal);
    // One cause, told once: each further trial would fail for it, too, and advise something else.
    if (isOfPlace) return [...checks, { what: 'the connection', isOk: false, note: check.note ?? '' }];
    checks.push(check);
  }
  return checks;
}

function trialsOf(question: Question): readonly Trial[] {
  return [...writingTrials(question), ...readingTrials(question), ...endingTrials(question)];
}

function writingTrials({ s3, call }: Question): readonly Trial[] {
  return [
    {
      what: 'write',
      advice: 'Give the credentials the right to write objects (s3:PutObject).',
      run: async () => await nothing(writeObject(s3, call, [content])),
    },
    {
      what: 'write in parts',
      advice: 'Give the credentials the rights to upload in parts (s3:PutObject, s3:AbortMultipartUpload).',
      run: async () => await nothing(putInParts(s3, call, { name: call.name, parts: [content] })),
    },
    {
      what: 'write only where nothing is',
      advice: 'Give the credentials the right to write and delete objects (s3:PutObject, s3:DeleteObject).',
      run: async () =>
        (await new NewObjects(s3).knowsConditions(call))
          ? undefined
          : 'This storage does not know it (If-None-Match): locks are taken by waiting some seconds instead.',
    },
  ];
}

function readingTrials({ s3, call }: Question): readonly Trial[] {
  return [
    {
      what: 'list',
      advice: 'Give the credentials the right to list the bucket (s3:ListBucket).',
      run: async () => {
        const keys = await rawKeys(s3, { ...call, name: 'tmp/' });
        if (keys.includes(s3.connection.keyPrefix + call.name)) return undefined;
        return 'Its lists lag behind: what was just written is not in them.';
      },
    },
    {
      what: 'read',
      advice: 'Give the credentials the right to read objects (s3:GetObject).',
      run: async () => {
        if (!(await readObject(s3, call, content.length)).equals(content))
          throw new Error('it reads as something else');
        return undefined;
      },
    },
    {
      what: 'read a part',
      advice: 'Use a storage that gives out parts of objects (Range).',
      run: async () => {
        const part = await readObjectRange(s3, call, { offset: 2, length: 4 });
        if (!part.equals(content.subarray(2, 6))) throw new Error('it reads as something else');
        return undefined;
      },
    },
  ];
}

function endingTrials({ s3, call, now }: Question): readonly Trial[] {
  return [
    {
      what: 'delete',
      advice: 'Give the credentials the right to delete objects (s3:DeleteObject).',
      run: async () => await nothing(deleteObject(s3, call)),
    },
    {
      what: 'clock',
      advice: 'Set the clock of this machine right: deadlines would be judged wrongly.',
      run: async () => {
        const differenceMs = Math.abs((await storageClock(s3, call)) - now());
        if (differenceMs <= mostSkewMs) return undefined;
        const minutes = Math.round(differenceMs / 60_000);
        throw new Error(
          `The clocks of this machine and of the storage differ by ${String(minutes)} minutes.`,
        );
      },
    },
  ];
}

type Outcome = Readonly<{ check: StorageCheck; isOfPlace: boolean }>;

async function outcomeOf({ what, advice, run }: Trial): Promise<Outcome> {
  try {
    const note = await run();
    return { check: { what, isOk: true, ...(note === undefined ? {} : { note }) }, isOfPlace: false };
  } catch (error) {
    const isOfPlace = error instanceof AppError && error.details['isOfPlace'] === true;
    return { check: { what, isOk: false, note: messageOf(error), advice }, isOfPlace };
  }
}

async function nothing(work: Promise<void>): Promise<undefined> {
  await work;
}
