import { readdir, readFile } from 'node:fs/promises';
import { arch, platform, release } from 'node:os';
import path from 'node:path';
import { hasCode, messageOf } from '../../../shared/lib/app-error.ts';
import {
  notificationSettings,
  type NotificationSettings,
} from '../../../shared/model/notification-settings.ts';
import { version } from '../../platform/version.ts';
import type { Engine } from '../engine.ts';
import { factsNow } from '../status/facts-now.ts';
import { judge } from '../status/judge.ts';
import { judgeSources } from '../status/judge-source.ts';

const runs = 200;
const events = 500;

/** What helps to find out what is wrong, by the names of the files in the bundle. Not yet redacted. */
export async function supportFiles(engine: Engine): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['about.json', json(about(engine))],
    ['settings.json', json(await shownSettings(engine))],
    ['status.json', json(await orProblem(async () => await shownStatus(engine)))],
    ['history.json', json(await orProblem(async () => await shownHistory(engine)))],
    ['notices.json', json(await orProblem(async () => await engine.notices.read()))],
    ...(await logFiles(engine.home.logFolder)),
  ]);
}

function about(engine: Engine): object {
  return {
    version,
    entitled: engine.entitlements.listEntitledFeatures(),
    node: process.version,
    platform: platform(),
    arch: arch(),
    kernel: release(),
    isRoot: process.getuid?.() === 0,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    madeAt: new Date(engine.now()).toISOString(),
  };
}

async function shownSettings(engine: Engine): Promise<object> {
  const { settings } = await engine.settings.read();
  const notifications = shownNotifications(settings.backup.notifications);
  return { ...settings, backup: { ...settings.backup, notifications } };
}

/** Of addresses only the host: the rest of them is what lets somebody in. Of people nothing. */
function shownNotifications(settings: NotificationSettings): object {
  const { webhook, heartbeat, mail, ...rest } = notificationSettings.parse(settings);
  const hostOf = (url: string): string => new URL(url).host;
  return {
    ...rest,
    ...(webhook === undefined ? {} : { webhook: { host: hostOf(webhook.url) } }),
    ...(heartbeat === undefined ? {} : { heartbeat: { host: hostOf(heartbeat.url) } }),
    ...(mail === undefined
      ? {}
      : { mail: { host: mail.host, port: mail.port, security: mail.security, addresses: mail.to.length } }),
  };
}

async function shownStatus(engine: Engine): Promise<object> {
  const { memory, ...facts } = await factsNow(engine);
  return { judgement: judge(facts), sources: judgeSources(facts), facts, memory: memory ?? null };
}

async function shownHistory(engine: Engine): Promise<object> {
  const catalog = await engine.catalog();
  return { runs: catalog.runs(runs), events: catalog.events({ limit: events }) };
}

async function logFiles(folder: string): Promise<readonly (readonly [string, string])[]> {
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.log')).toSorted();
    const contents = names.map(
      async (name) => [`logs/${name}`, await readFile(path.join(folder, name), 'utf8')] as const,
    );
    return await Promise.all(contents);
  } catch (error) {
    // Nothing was logged yet.
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** A bundle is wanted most when something does not work: what fails is part of what it tells. */
async function orProblem(look: () => Promise<object>): Promise<object> {
  try {
    return await look();
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
