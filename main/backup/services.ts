import type { Finding } from '../../shared/model/finding.ts';
import type { ModuleId } from '../../shared/model/entitlement.ts';
import type { BackupSettings, InstallSettings } from '../../shared/model/settings.ts';
import type { KeyChoice } from '../../shared/model/restore-plan.ts';
import type { Trigger } from '../../shared/model/trigger.ts';
import type { ComponentRegistry } from '../components/registry.ts';
import type { TrinityInstall } from '../trinity/install.ts';
import type { Vault } from '../vault/vault.ts';

/** What every service of this folder is given; made by the composition root (main/app). */
export type ServiceContext = Readonly<{
  vault: Vault;
  /** Where a restore puts its safety backup, when it reads a copy; `vault` itself otherwise. */
  safetyVault?: Vault;
  installSettings: InstallSettings;
  settings: BackupSettings;
  registry: ComponentRegistry;
  /** Reads the install anew. */
  readInstall: () => Promise<TrinityInstall>;
  /** The home folder (0700): `scratch/`, `journals/` lie in it. */
  home: string;
  productVersion: string;
  /** Whether this edition has a module (entitlements/). */
  isEntitled: (id: ModuleId) => boolean;
  /** Wall clock, ms since 1970. */
  now: () => number;
}>;

export type Progress = Readonly<{
  phase: string;
  done: number;
  /** Undefined while it is not known. */
  total: number | undefined;
  unit: 'bytes' | 'files';
  /** Beside bytes, where they are counted. */
  files?: number | undefined;
  detail: string;
  /** Of a run that goes in steps: the one that is on, from 1. */
  step?: Readonly<{ number: number; of: number; name: string }> | undefined;
}>;

export type RunOptions = Readonly<{ signal: AbortSignal; onProgress?: (progress: Progress) => void }>;

export type BackupRequest = Readonly<{
  trigger: Trigger;
  only?: readonly string[];
  agents?: readonly string[];
  note?: string;
  compress?: boolean;
}>;

/** The result of `backup`, as the command line prints it. */
export type BackupOutcome = Readonly<{
  backupId: string;
  trigger: Trigger;
  timestamp: string;
  components: readonly string[];
  files: number;
  bytes: number;
  bytesAdded: number;
  bytesStored: number;
  durationMs: number;
  frozenMs: number;
  lockedMs: number;
  /** A source failed: exit 3. */
  incomplete: boolean;
  warnings: readonly Finding[];
  notes: readonly Finding[];
}>;

export type RestoreRequest = Readonly<{
  backupId: string;
  only?: readonly string[];
  agents?: readonly string[];
  /** Relative to a source's root, or `<component>/<path>`, `memory/<volume>/<path>`. */
  paths?: readonly string[];
  /** Exactly one of the ways: plain files into a folder, in place, one agent under another name, or an empty folder as a new install. */
  destination:
    | Readonly<{ way: 'to'; folder: string }>
    | Readonly<{ way: 'in-place' }>
    | Readonly<{ way: 'as'; name: string }>
    | Readonly<{
        way: 'new-install';
        folder: string;
        volumesRoot?: string;
        dockerHost?: string;
        /** Values of `.env` that are others on this host; some are secret. */
        hostValues?: Readonly<Record<string, string>>;
      }>;
  safetyBackup: boolean;
  startQuietly?: boolean;
  /** Where the credentials that come back need another key than the live one: it becomes the secondary key, or `.env` is left alone. */
  keys?: KeyChoice;
}>;

export type RestoreOutcome = Readonly<{
  backupId: string;
  /** Sources restored, as `sourceText`. */
  restored: readonly string[];
  safetyBackupId: string | null;
  restartRequired: boolean;
  /** What was written and checked; of a live tree of which only a part had changed, that part. */
  files: number;
  bytes: number;
  /** How long containers stood still, in ms. */
  stoppedMs: number;
  warnings: readonly Finding[];
  notes: readonly Finding[];
}>;

export type VerifyOutcome = Readonly<{
  ok: boolean;
  /** Of stored data that was read. */
  checkedBytes: number;
  /** Of files that were put together again from it and compared with their checksums; 0 unless all data was read. */
  contentBytes: number;
  damaged: readonly Readonly<{
    object: string;
    reason: string;
    backups: readonly string[];
    sources: readonly string[];
  }>[];
  /** What could not be done besides. */
  notes?: readonly string[];
}>;
