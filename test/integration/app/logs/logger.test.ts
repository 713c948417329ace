import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorFields, HomeLog, logFileOf } from '../../../../main/app/logs/logger.ts';
import { readLogs } from '../../../../main/app/logs/read-logs.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

describe('HomeLog', () => {
  it('writes lines of JSON for the owner alone, and nothing before the first', async () => {
    const folder = path.join(await tempFolder(), 'logs');
    using log = new HomeLog(folder, { now: () => 1234 });
    const logger = log.of('engine');
    expect(readdirSync(path.dirname(folder))).toEqual([]);
    logger.info({ backupId: '0123456789ab', frozenMs: 12 }, 'A backup is done');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(logFileOf(folder)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(logFileOf(folder), 'utf8'))).toEqual({
      level: 'info',
      time: 1234,
      part: 'engine',
      backupId: '0123456789ab',
      frozenMs: 12,
      msg: 'A backup is done',
    });
  });

  it('takes a file back from readers other than its owner', async () => {
    const folder = await tempFolder();
    writeFileSync(logFileOf(folder), '', { mode: 0o644 });
    using log = new HomeLog(folder);
    log.of('engine').warn({}, 'x');
    expect(statSync(logFileOf(folder)).mode & 0o777).toBe(0o600);
  });

  it('holds no more than its bound, whatever is written, and keeps the newest', async () => {
    const folder = await tempFolder();
    using log = new HomeLog(folder, { maxBytes: 2000 });
    for (let number = 0; number < 500; number += 1) log.of('engine').info({ number }, 'x'.repeat(100));
    const sizes = readdirSync(folder).map((name) => statSync(path.join(folder, name)).size);
    expect(sizes).toHaveLength(5);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(2000);
    const lines = await readLogs(folder, { limit: 1000 });
    expect(lines[0]?.fields).toEqual({ number: 499 });
    const numbers = lines.map(({ fields }) => fields['number']);
    expect(numbers).toEqual(Array.from({ length: lines.length }, (_, index) => 499 - index));
  });

  it('writes no secret, whether it was told of it or knows its form', async () => {
    const folder = await tempFolder();
    using log = new HomeLog(folder);
    log.redactor.learn('hunter2-of-the-operator');
    const cause = new AppError(
      'failed',
      'pg_dump: DATABASE_URL=postgresql://u:topsecret@h/d hunter2-of-the-operator',
    );
    log.of('engine').error(errorFields(cause), 'A backup failed');
    log.of('engine').error(errorFields(new Error('ADMIN_PASSWORD=swordfish')), 'Unexpected');
    const text = readFileSync(logFileOf(folder), 'utf8');
    for (const secret of ['hunter2', 'topsecret', 'swordfish']) expect(text).not.toContain(secret);
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toHaveLength(2);
  });

  it('fails nobody when it cannot be written, and goes on when it can again', async () => {
    const base = await tempFolder();
    const folder = path.join(base, 'logs');
    writeFileSync(folder, 'in the way');
    using log = new HomeLog(folder);
    log.of('engine').info({}, 'lost');
    rmSync(folder);
    mkdirSync(folder);
    log.of('engine').info({}, 'kept');
    expect(await readLogs(folder, { limit: 10 })).toMatchObject([{ message: 'kept' }]);
  });
});

describe('readLogs', () => {
  it('is filtered by how bad it is, by part and by time, newest first', async () => {
    const folder = await tempFolder();
    let now = 0;
    using log = new HomeLog(folder, { now: () => now });
    for (const [part, level, message] of [
      ['engine', 'info', 'one'],
      ['notices', 'warn', 'two'],
      ['engine', 'error', 'three'],
    ] as const) {
      now += 1;
      log.of(part)[level]({}, message);
    }
    const messages = async (question: object): Promise<readonly string[]> =>
      (await readLogs(folder, { limit: 10, ...question })).map(({ message }) => message);
    expect(await messages({})).toEqual(['three', 'two', 'one']);
    expect(await messages({ level: 'warn' })).toEqual(['three', 'two']);
    expect(await messages({ part: 'engine' })).toEqual(['three', 'one']);
    expect(await messages({ beforeMs: 3 })).toEqual(['two', 'one']);
    expect(await messages({ limit: 1 })).toEqual(['three']);
  });

  it('leaves out a line that was cut off, and is empty where nothing was logged', async () => {
    const folder = await tempFolder();
    expect(await readLogs(folder, { limit: 10 })).toEqual([]);
    writeFileSync(logFileOf(folder), '{"time":1,"level":"info","part":"a","msg":"whole"}\n{"time":2,"lev');
    expect(await readLogs(folder, { limit: 10 })).toMatchObject([{ message: 'whole' }]);
  });
});
