import type { Finding } from '../../../../shared/model/finding.ts';
import { openDockerEngine } from '../../../trinity/docker/docker-engine.ts';
import type { TrinityInstall } from '../../../trinity/install.ts';
import { agentVolumeName, type AgentVolumeKind } from '../../../trinity/volume-name.ts';
import { assertVaultApart } from '../../apart.ts';
import { prepareByHelper } from '../../by-helper/swap-by-helper.ts';
import { LivePlatform } from '../../live/live-platform.ts';
import { notStarted, startAgent } from '../../live/start-agents.ts';
import type { RestoreOutcome } from '../../services.ts';
import { finishOrWarn, swapAll } from '../restore-end.ts';
import { lostText, oldKeyOf } from '../restore-keys.ts';
import {
  helperStageOf,
  outcomeOfRestore,
  stageAll,
  stagingOf,
  withJournal,
  type RestoreRun,
  type StagedRestore,
} from '../restore-run.ts';
import type { Staging } from '../staging/staging.ts';
import type { OpenJournal } from '../swap/journal.ts';
import { planSwaps } from '../swap/swap-plan.ts';
import { reserveAgent } from './new-agent.ts';
import { planCopy, type AgentCopy } from './plan-copy.ts';

/** Nobody has stopped it: it is there, or it is not. */
const healthLimitMs = 15_000;

/**
 * Brings one agent of a backup back as a new one beside whoever lives: its row first, hidden, so that Trinity keeps name and volumes for
 * it; then its volumes; and when all of them hold what the backup has, the row is shown and Trinity starts it. Nobody else is touched.
 */
export async function restoreAs(run: RestoreRun, name: string): Promise<RestoreOutcome> {
  const { context, options } = run;
  const install = await context.readInstall();
  await assertVaultApart(context.vault.storage, install, context.settings);
  const copy = await planCopy(run, install, name);
  const copying = { ...run, selection: { ...run.selection, sources: copy.sources } };
  return await withJournal(copying, async (journal) => {
    const staging = stagingOf(copying, journal);
    run.steps.begin('fetch and check the data');
    // The time of its deletion, as Trinity writes it, is a mark that no other row has.
    const mark = new Date(context.now()).toISOString();
    const agent = { name, mark, database: copy.database };
    await reserveAgent(journal, agent, copy.template, options.signal);
    await run.hooks.beforeStep?.('reserved');
    const staged = await stageCopy(copying, { install, journal, staging });
    await run.hooks.beforeStep?.('staged');
    run.steps.begin('put the data in place');
    const { kept: _, ...steps } = await planSwaps(staged.groups, staging.folders);
    options.signal.throwIfAborted();
    await prepareByHelper(journal, staged.byHelper, options.signal);
    await run.hooks.beforeStep?.('prepared');
    await journal.update({ phase: 'swapping', ...steps });
    await swapAll(journal, run.hooks);
    await run.hooks.beforeStep?.('committed');
    const left = await finishOrWarn(journal, run.hooks);
    const isShown = left.every(({ code }) => code !== 'leftovers');
    run.steps.begin('start the agent');
    const started = isShown ? await start(run, install, copy) : { warnings: [], notes: [] };
    return outcomeOfRestore(copying, {
      staging,
      safetyBackupId: null,
      restartRequired: false,
      warnings: [...left, ...started.warnings],
      notes: [...started.notes, ...copyNotes(copy)],
    });
  });
}

type Parts = Readonly<{ install: TrinityInstall; journal: OpenJournal; staging: Staging }>;

async function stageCopy(run: RestoreRun, { install, journal, staging }: Parts): Promise<StagedRestore> {
  const { signal } = run.options;
  await using helperStage = helperStageOf(install, journal, signal);
  const parts = { journal, staging, install, helperStage, onlyChanges: false, isNewInstall: false };
  const staged = await stageAll(run, parts);
  const key = await oldKeyOf(run, install);
  // The live `.env` is everybody's: for one agent more it stays as it is.
  if (key !== undefined && key.state !== 'same')
    staging.warnings.add({ code: 'credentials-lost', message: lostText(key.state) });
  return staged;
}

type Started = Readonly<{ warnings: readonly Finding[]; notes: readonly Finding[] }>;

/** By Trinity, which makes its container of its row and its volumes. */
async function start(run: RestoreRun, install: TrinityInstall, copy: AgentCopy): Promise<Started> {
  const { context, options } = run;
  const { signal } = options;
  const { name, hasPublic } = copy;
  if (install.engine === undefined) return { warnings: [], notes: [startNote(name)] };
  await using platform = new LivePlatform({
    install,
    home: context.home,
    now: context.now,
    signal,
    healthLimitMs,
  });
  const { api, warnings, notes } = await platform.bringUp();
  if (api === undefined) return { warnings, notes: [...notes, startNote(name)] };
  const mounted: readonly AgentVolumeKind[] = hasPublic ? ['workspace', 'public'] : ['workspace'];
  try {
    const engine = await openDockerEngine(install.engine.host);
    await startAgent(
      { engine, api, signal },
      {
        agent: name,
        container: { name: `agent-${name}`, state: 'running', restartPolicy: '', volumes: [] },
        volumes: mounted.flatMap((kind) => agentVolumeName(name, kind) ?? []),
      },
    );
    return { warnings, notes };
  } catch (error) {
    return { warnings: [...warnings, notStarted(name, error)], notes };
  }
}

function startNote(name: string): Finding {
  const message = `Start the agent ${name} in Trinity, which then makes its container.`;
  return { code: 'next-step', message, component: 'memory' };
}

function copyNotes({ name, leftOut }: AgentCopy): readonly Finding[] {
  const undo = `To undo this, delete the agent ${name} in Trinity.`;
  const notes: Finding[] = [{ code: 'agent-added', message: undo, component: 'memory' }];
  if (leftOut.length === 0) return notes;
  const message = `${leftOut.join(', ')} stayed out: no agent but its own can have it. Restore it into a folder (--to).`;
  return [...notes, { code: 'volume-left-out', message, component: 'memory' }];
}
