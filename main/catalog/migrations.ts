/** Applied in order, each once; a migration that was released is never changed. */
export const migrations: readonly string[] = [
  `CREATE TABLE runs (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     operation TEXT NOT NULL,
     startedMs INTEGER NOT NULL,
     finishedMs INTEGER NOT NULL,
     outcome TEXT NOT NULL,
     backupId TEXT,
     message TEXT,
     failedSources TEXT NOT NULL
   );
   CREATE INDEX runsByOperation ON runs (operation, id)`,
  `ALTER TABLE runs ADD COLUMN "trigger" TEXT;
   ALTER TABLE runs ADD COLUMN skipReason TEXT;
   ALTER TABLE runs ADD COLUMN files INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE runs ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE runs ADD COLUMN bytesAdded INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE runs ADD COLUMN bytesStored INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE runs ADD COLUMN frozenMs INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE runs ADD COLUMN lockedMs INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE runs ADD COLUMN warnings INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE runs ADD COLUMN isRebuilt INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX runsByBackup ON runs (backupId);
   CREATE TABLE runSources (
     runId INTEGER NOT NULL,
     source TEXT NOT NULL,
     agents TEXT NOT NULL,
     outcome TEXT NOT NULL,
     files INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     bytesAdded INTEGER NOT NULL,
     bytesStored INTEGER NOT NULL,
     frozenMs INTEGER NOT NULL,
     lockedMs INTEGER NOT NULL,
     warnings INTEGER NOT NULL,
     message TEXT,
     PRIMARY KEY (runId, source)
   ) WITHOUT ROWID;
   CREATE TABLE events (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     atMs INTEGER NOT NULL,
     severity TEXT NOT NULL,
     code TEXT NOT NULL,
     words TEXT NOT NULL,
     runId INTEGER
   );
   CREATE INDEX eventsByRun ON events (runId, id);
   CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,
  `ALTER TABLE runs ADD COLUMN failureKind TEXT`,
];
