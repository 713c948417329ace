import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { logLevel, logLevels, type LogLine, type LogQuestion } from '../../../shared/model/log.ts';
import { logFileOf } from './logger.ts';
import { rotatedName } from './rotating-file.ts';

const maxFiles = 5;
const rawLine = z
  .object({ time: z.number(), level: logLevel, part: z.string(), msg: z.string() })
  .catchall(z.json());

/** The newest lines that fit, newest first. What is no line of ours (cut off by a full disk) is left out. */
export async function readLogs(logFolder: string, question: LogQuestion): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  for (let number = 0; number < maxFiles && lines.length < question.limit; number += 1) {
    const text = await textOf(rotatedName(logFileOf(logFolder), number));
    const found = text
      .split('\n')
      .toReversed()
      .flatMap((line) => parsed(line))
      .filter((line) => fits(line, question));
    lines.push(...found.slice(0, question.limit - lines.length));
  }
  return lines;
}

function fits({ level, part, atMs }: LogLine, question: LogQuestion): boolean {
  const isLoud = logLevels.indexOf(level) >= logLevels.indexOf(question.level ?? 'debug');
  const isOfPart = question.part === undefined || part === question.part;
  return isLoud && isOfPart && (question.beforeMs === undefined || atMs < question.beforeMs);
}

function parsed(line: string): readonly LogLine[] {
  const json = line === '' ? undefined : parseJson(line);
  const { data } = rawLine.safeParse(json);
  if (data === undefined) return [];
  const { time, level, part, msg, ...fields } = data;
  return [{ atMs: time, level, part, message: msg, fields }];
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // A line that was cut off.
    return undefined;
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
}
