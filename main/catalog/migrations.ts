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
];
