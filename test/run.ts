import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { projectFolder } from '../build/entries.ts';
import { findElectron } from '../build/why-no-desktop.ts';
import { hasCode } from '../shared/lib/app-error.ts';
import { whyNoChromium } from './services/chromium/chromium.ts';
import { whyNoEngine } from './services/docker/programs.ts';
import { whyNoSwift } from './services/swift/swift.ts';

/** What this script reads of vitest's JSON report. */
const reportShape = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});

type Report = Readonly<z.infer<typeof reportShape>>;

/** Each tier with the reason why it cannot run here, if there is one. */
const tiers: ReadonlyMap<string, string | undefined> = new Map([
  ['unit', undefined],
  ['integration', undefined],
  ['docker', whyNoEngine()],
  ['s3', whyNoSwift()],
  ['ui', whyNoChromium()],
  ['e2e', process.env['TRINITY_E2E_ELECTRON'] === '1' ? whyNoElectron() : whyNoChromium()],
]);

// `node test/run.ts [tier…] [vitest's own arguments]`
const args = process.argv.slice(2);
const asked = args.filter((arg) => tiers.has(arg));
const wanted = asked.length > 0 ? asked : [...tiers.keys()];
const chosen = wanted.filter((tier) => tiers.get(tier) === undefined);
const leftOut = [...tiers.keys()].filter((tier) => !chosen.includes(tier));
const requireAll = process.env['TRINITY_TEST_REQUIRE_ALL'] === '1';
const others = args.filter((arg) => !tiers.has(arg));

const scratch = await mkdtemp(join(tmpdir(), 'trinity-tests-'));
try {
  const reportFile = join(scratch, 'report.json');
  const exitCode = chosen.length > 0 ? await runVitest(reportFile) : 1;
  const tiersAreMissing = leftOut.length > 0 && (requireAll || asked.some((tier) => leftOut.includes(tier)));
  process.exitCode = tiersAreMissing ? 1 : exitCode;
  sayOutcome(await readReport(reportFile), process.exitCode);
} finally {
  await rm(scratch, { recursive: true, force: true });
}

function whyNoElectron(): string | undefined {
  const isThere = findElectron(projectFolder, process.env) !== undefined;
  return isThere ? undefined : 'there is no Electron: npx install-electron';
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
  if (report !== undefined) sayUnsteady(report);
  for (const tier of leftOut) {
    const reason = tiers.get(tier);
    if (reason !== undefined) console.log(`The tier ${tier} cannot run here: ${reason}.`);
  }
  console.log(
    `Tiers: ${chosen.join(', ') || 'none'}. Left out: ${leftOut.join(', ') || 'none'}. Skipped tests: ${report?.numPendingTests ?? 0}.`,
  );
  console.log(`${report?.numPassedTests ?? 0} passed, ${failed} failed`);
}

/** Tests that passed at their second try only: each is a fault to be found, of the test or of what it tests. */
function sayUnsteady({ testResults }: Report): void {
  const results = testResults.flatMap((file) => file.assertionResults);
  for (const { fullName, status, failureMessages } of results) {
    if (status !== 'passed' || failureMessages.length === 0) continue;
    console.log(`Passed at the second try only: ${fullName}\n  ${failureMessages.join('\n  ')}`);
  }
}
