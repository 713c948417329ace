import { z } from 'zod';
import { agentConsistency } from './agent-list.ts';
import { componentName } from './component.ts';
import { notificationSettings } from './notification-settings.ts';

const patterns = z.array(z.string().min(1).max(1000)).max(1000);

/** Rules of retention; a backup is kept if any keeps it (DESIGN 7). */
export const retentionSettings = z.strictObject({
  newest: z.number().int().min(1).max(1000).default(10),
  daily: z.number().int().min(0).max(3650).default(14),
  weekly: z.number().int().min(0).max(520).default(8),
  monthly: z.number().int().min(0).max(240).default(6),
  maxAgeDays: z.number().int().min(1).max(36_500).default(365),
});

export type RetentionSettings = Readonly<z.infer<typeof retentionSettings>>;

/** How the line to storages elsewhere is used, S3 and network shares alike; without a rate as fast as it goes. */
const transferSettings = z.strictObject({
  uploadKilobytesPerSecond: z.number().int().min(16).max(10_000_000).optional(),
  downloadKilobytesPerSecond: z.number().int().min(16).max(10_000_000).optional(),
  parallel: z.number().int().min(1).max(16).default(4),
});

export type TransferSettings = Readonly<z.infer<typeof transferSettings>>;

const agentSettings = z.strictObject({
  include: z.boolean().default(true),
  consistency: agentConsistency.default('pause'),
});

/** What people call a copy of the vault. */
export const copyName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);

/** A further storage of the vault. `retention`: rules of its own; left out, it keeps what the vault keeps. */
export const copySettings = z.strictObject({
  location: z.string().min(1).max(4096),
  /** Backups that it lacks stay in the vault, and its age counts for the state. */
  required: z.boolean().default(true),
  enabled: z.boolean().default(true),
  retention: retentionSettings.optional(),
});

export type CopySettings = Readonly<z.infer<typeof copySettings>>;

/** Rehearsals by the schedule. One that would take more is done in part, and says so. */
const drillSettings = z.strictObject({
  enabled: z.boolean().default(true),
  everyDays: z.number().int().min(1).max(90).default(7),
  /** By the speed of earlier ones. */
  maxMinutes: z.number().int().min(1).max(10_080).default(240),
  /** What one may fetch from storage that is not on this machine; left out, all that it needs. */
  maxDownloadBytes: z.number().int().min(1).optional(),
  /** After how many days the recovery key is asked for again. */
  kitDays: z.number().int().min(1).max(3650).default(180),
});

/** A moment until which backups are paused, or `resumed`: until somebody resumes them. */
const pausedUntil = z
  .string()
  .max(40)
  .refine((text) => text === 'resumed' || z.iso.datetime({ offset: true }).safeParse(text).success)
  .describe('a moment such as 2026-11-22T18:00:00Z, or resumed to pause until then');

/** A vault that a home used before: its backups stay there, and can be connected to again. */
const formerVault = z.strictObject({
  path: z.string().min(1).max(4096),
  vaultId: z.string().max(64).optional(),
});

/** The namespace `backup` of a home's settings file; `status` judges by `objectives`. */
export const backupSettings = z.strictObject({
  /** Backups by schedule, at the start and at the end of the application; on as soon as install and vault are set. */
  enabled: z.boolean().default(false),
  scheduleHours: z.number().int().min(1).max(168).default(6),
  /** At the end of the application: 20 s at most, uncompressed, and only when the last good one is over an hour old. */
  onShutdown: z.boolean().default(true),
  onStartup: z.boolean().default(false),
  pausedUntil: pausedUntil.optional(),
  compression: z.boolean().default(true),
  /** Where the vault is; undefined until `init` or `connect`. */
  path: z.string().min(1).max(4096).optional(),
  /** Which vault that is: another one that comes to lie there is not used. */
  vaultId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  formerVaults: z.array(formerVault).max(100).default([]),
  retention: retentionSettings.prefault({}),
  drill: drillSettings.prefault({}),
  transfer: transferSettings.prefault({}),
  trashDays: z.number().int().min(1).max(365).default(7),
  include: z.array(componentName).min(1).max(64).optional(),
  /** Patterns left out of every agent volume and of `files`, after the built-in ones. */
  exclude: patterns.default([]),
  /** By the base of their volumes' names, which no renaming changes. */
  agents: z.record(z.string().max(255), agentSettings).default({}),
  volumes: z.record(z.string().max(255), z.strictObject({ include: z.boolean() })).default({}),
  /** How volumes are reached: in their folders, by helper containers, or by what works best for each. */
  volumeAccess: z.enum(['auto', 'host', 'helper']).default('auto'),
  /** Extra host folders, absolute. */
  paths: z.array(z.string().startsWith('/').max(4096)).max(1000).default([]),
  /** By name. Places are given by `copies add`, which checks what is there. */
  copies: z.record(copyName, copySettings).default({}),

  notifications: notificationSettings.prefault({}),
  objectives: z
    .strictObject({
      backupHours: z.number().int().min(1).max(8760).default(24),
      proofDays: z.number().int().min(1).max(365).default(14),
      /** How long a required copy may lack a backup. */
      copyHours: z.number().int().min(1).max(8760).default(48),
    })
    .prefault({}),
});

export type BackupSettings = Readonly<z.infer<typeof backupSettings>>;

/** Which install this home serves. */
export const installSettings = z.strictObject({
  /** Random, ours: 32 hexadecimal digits. */
  installId: z.string().regex(/^[0-9a-f]{32}$/),
  folder: z.string().startsWith('/').max(4096),
  volumesRoot: z.string().startsWith('/').max(4096).optional(),
  /** Address of the Docker engine that serves it; without one all is read from folders. */
  dockerHost: z.string().min(1).max(4096).optional(),
});

export type InstallSettings = Readonly<z.infer<typeof installSettings>>;

export const homeSettings = z.strictObject({
  version: z.literal(1),
  install: installSettings.optional(),
  backup: backupSettings.prefault({}),
});

export type HomeSettings = Readonly<z.infer<typeof homeSettings>>;
