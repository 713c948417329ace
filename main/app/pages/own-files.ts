/**
 * Reads files of our own build. Where the application is packaged they lie in an archive, which Electron's own `fs` alone sees into: all
 * other imports of `fs` are made the system's by the build (build/late-imports.ts).
 */
export const ownFiles = process.getBuiltinModule('node:fs').promises;
