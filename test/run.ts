import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { projectFolder } from '../build/entries.ts';
import { hasCode } from '../shared/lib/app-error.ts';

/** What this script reads of vitest's JSON report. */
const reportShape = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
});

type Report = Readonly<z.infer<typeof reportShape>>;

const tiers: readonly string[] = ['unit', 'integration'];

// `node test/run.ts [tier…] [vitest's own arguments]`
const args = process.argv.slice(2);
const asked = args.filter((arg) => tiers.includes(arg));
const chosen = asked.length > 0 ? asked : tiers;
const leftOut = tiers.filter((tier) => !chosen.includes(tier));
const requireAll = process.env['TRINITY_TEST_REQUIRE_ALL'] === '1';
const others = args.filter((arg) => !tiers.includes(arg));

const scratch = await mkdtemp(join(tmpdir(), 'trinity-tests-'));
try {
  const reportFile = join(scratch, 'report.json');
  const exitCode = await runVitest(reportFile);
  const tiersAreMissing = requireAll && leftOut.length > 0;
  process.exitCode = tiersAreMissing ? 1 : exitCode;
  sayOutcome(await readReport(reportFile), process.exitCode);
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function runVitest(reportFile: string): Promise<number> {
  const vitest = join(projectFolder, 'node_modules/vitest/vitest.mjs');
  const options = ['run', '--config', 'test/vitest.config.ts', '--reporter=default', '--reporter=json'];
  const projects = chosen.map((tier) => `--project=${tier}`);
  const child = spawn(
    process.execPath,
    [vitest, ...options, `--outputFile.json=${reportFile}`, ...projects, ...others],
    {
      cwd: projectFolder,
      stdio: 'inherit',
    },
  );
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}

async function readReport(file: string): Promise<Report | undefined> {
  try {
    return reportShape.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** A run that failed counts at least one failure, also where no single test did (a file that does not load). */
function sayOutcome(report: Report | undefined, exitCode: number): void {
  const failed = Math.max(report?.numFailedTests ?? 0, exitCode === 0 ? 0 : 1);
  console.log(
    `Tiers: ${chosen.join(', ')}. Left out: ${leftOut.join(', ') || 'none'}. Skipped tests: ${report?.numPendingTests ?? 0}.`,
  );
  console.log(`${report?.numPassedTests ?? 0} passed, ${failed} failed`);
}
