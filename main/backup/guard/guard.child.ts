import { runGuard } from './run-guard.ts';

// Entry of the guard where it is started as a Node process of its own.
await runGuard(process.argv.slice(2));
