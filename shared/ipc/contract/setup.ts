import { z } from 'zod';
import { backupId } from '../../model/backup-id.ts';
import { s3Credentials } from '../../model/s3-credentials.ts';
import { backupSettings } from '../../model/settings.ts';
import { type CallSpec, findings, hostPath, isoTime, nothing } from './parts.ts';

const access = z.object({ mode: z.enum(['host', 'helper', 'none']), reason: z.string() });

export const installReport = z.object({
  installId: z.string(),
  folder: z.string(),
  projectName: z.string(),
  form: z.enum(['dev', 'prod', 'hosted']),
  version: z.string().nullable(),
  engine: z.object({ host: z.string(), id: z.string() }).nullable(),
  engineReason: z.string(),
  dataFolder: z.string(),
  dataVolume: z.string().nullable(),
  dataAccess: access,
  database: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('sqlite'), path: z.string() }),
    z.object({
      kind: z.literal('postgres'),
      container: z.string().optional(),
      host: z.string(),
      port: z.number(),
      user: z.string(),
      database: z.string(),
    }),
  ]),
  databaseFile: z.string().nullable(),
  volumesRoot: z.string().nullable(),
  agents: z.array(z.string()).nullable(),
  agentStates: z.array(
    z.object({ name: z.string(), state: z.string().nullable(), volumes: z.array(z.string()) }),
  ),
  components: z.array(z.object({ component: z.string(), covered: z.boolean(), reason: z.string() })),
  volumes: z.array(
    z.object({
      name: z.string(),
      role: z.enum(['workspace', 'public', 'shared', 'orphan', 'unlabelled', 'platform']),
      agents: z.array(z.string()),
      included: z.boolean(),
      reason: z.string(),
      access,
      bytes: z.number().nullable(),
      mountedBy: z.array(z.string()),
    }),
  ),
  missingVolumes: z.array(z.object({ name: z.string(), agent: z.string() })),
  skippedAgents: z.array(z.object({ agent: z.string(), reason: z.string() })),
  /** What stands in the way of a whole backup, as sentences. */
  problems: z.array(z.string()),
});

const vaultLocation = z.string().min(1).max(4096);
const passphrase = z.string().min(1).max(10_000);
const keyKind = z.enum(['passphrase', 'recovery', 'device']);

const keyList = z.object({
  generation: z.number(),
  keys: z.array(
    z.object({
      id: z.string(),
      kind: keyKind,
      created: isoTime,
      openedThis: z.boolean(),
      /** When it last opened the vault on this machine, as far as that is known. */
      lastUsedAt: isoTime.nullable(),
    }),
  ),
});

const settingPath = z.array(z.string().min(1).max(255)).max(8);

export const installQuestion = z.strictObject({
  folder: hostPath.optional(),
  volumesRoot: hostPath.optional(),
  dockerHost: z.string().min(1).max(4096).optional(),
  continues: backupId.optional(),
});

/** Setting up, keys and settings. */
export const setupCalls = {
  /** What is set up here; asks neither vault nor Docker. */
  'home.get': {
    input: nothing,
    output: z.object({
      version: z.string(),
      platform: z.string(),
      home: z.string(),
      installFolder: z.string().nullable(),
      installId: z.string().nullable(),
      vaultLocation: z.string().nullable(),
    }),
  },
  /** The token of the REST API; with `isNew` another one, which ends this session too. */
  'api.token': {
    input: z.strictObject({ isNew: z.boolean() }),
    output: z.object({ token: z.string() }),
  },
  /** Finds or takes the install, checks it and makes it the one of this home. */
  'install.set': {
    input: installQuestion,
    output: installReport,
  },
  'vault.init': {
    input: z.strictObject({
      location: vaultLocation,
      passphrase: passphrase.optional(),
      credentials: s3Credentials.optional(),
    }),
    output: z.object({
      vaultId: z.string(),
      location: z.string(),
      recoveryKey: z.string(),
      keys: z.array(keyKind),
      warnings: findings,
    }),
  },
  'vault.connect': {
    input: z.strictObject({
      location: vaultLocation,
      secret: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('passphrase'), passphrase }),
        z.strictObject({ kind: z.literal('recovery'), recoveryKey: z.string().min(1).max(1000) }),
      ]),
      credentials: s3Credentials.optional(),
    }),
    output: z.object({
      vaultId: z.string(),
      location: z.string(),
      keys: z.array(keyKind),
      warnings: findings,
    }),
  },
  /** Tries what a vault needs at a place, that of this home without one. Keeps and changes nothing. */
  'storage.test': {
    input: z.strictObject({ location: vaultLocation.optional(), credentials: s3Credentials.optional() }),
    output: z.object({
      ok: z.boolean(),
      location: z.string(),
      checks: z.array(
        z.object({
          what: z.string(),
          isOk: z.boolean(),
          note: z.string().optional(),
          advice: z.string().optional(),
        }),
      ),
    }),
  },
  'keys.list': { input: nothing, output: keyList },
  'keys.addPassphrase': {
    input: z.strictObject({ passphrase }),
    output: keyList.extend({ keyId: z.string() }),
  },
  /** The key is in the answer and stored nowhere. */
  'keys.newRecoveryKey': {
    input: nothing,
    output: keyList.extend({ keyId: z.string(), recoveryKey: z.string() }),
  },
  'keys.remove': { input: z.strictObject({ keyId: z.string().min(1).max(64) }), output: keyList },
  'keys.rotate': { input: nothing, output: keyList },
  /** The sheet with a new recovery key as a page, to print or save. */
  'keys.recoveryKitPage': {
    input: nothing,
    output: z.object({ html: z.string(), keyId: z.string(), location: z.string(), vaultId: z.string() }),
  },
  /** The sheet for a recovery key that is known; `no-key` when it does not open the vault. Nothing changes. */
  'keys.sheet': {
    input: z.strictObject({ recoveryKey: z.string().min(1).max(1000) }),
    output: z.object({ html: z.string() }),
  },
  /** What patterns would leave out now, of what can be read without a helper. */
  'exclusions.preview': {
    input: z.strictObject({ patterns: z.array(z.string().min(1).max(1000)).max(1000) }),
    output: z.object({
      patterns: z.array(z.object({ pattern: z.string(), files: z.number(), bytes: z.number() })),
      /** What all of them leave out together. */
      files: z.number(),
      bytes: z.number(),
      /** What is left out without them. */
      builtIn: z.array(z.object({ pattern: z.string(), reason: z.string() })),
      builtInBytes: z.number(),
      totalBytes: z.number(),
      /** It took too long: there is more than was counted. */
      isCut: z.boolean(),
      /** Volumes that only a helper reads. */
      uncounted: z.number(),
    }),
  },
  'settings.get': { input: nothing, output: backupSettings },
  /** Sets one setting by its path (`['retention', 'newest']`); `null` takes it back to its default. */
  'settings.set': {
    input: z.strictObject({ path: settingPath.min(1), value: z.json() }),
    output: backupSettings,
  },
} as const satisfies Record<string, CallSpec>;
