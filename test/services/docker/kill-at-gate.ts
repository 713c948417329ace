import type { CommandLab } from '../../helpers/command-lab.ts';
import { doomed, type Victims } from '../../helpers/victims.ts';
import type { EngineGate, GateMoment } from './engine-gate.ts';

/** Kills a command in the middle of a call to an engine. Resolves when it is dead. */
export async function killAtGate(
  { lab, gate }: Readonly<{ lab: CommandLab; gate: EngineGate }>,
  args: readonly string[],
  { moment, victims = 'process' }: Readonly<{ moment: GateMoment; victims: Victims | undefined }>,
): Promise<void> {
  const { through, kill } = doomed(victims);
  let pid = 0;
  gate.watch(moment, () => kill(pid));
  const running = lab.start(args, {}, through);
  ({ pid } = running);
  const { signal, code, stdout, stderr } = await running.ended;
  if (signal !== 'SIGKILL') throw new Error(`It ended before (${String(code)}): ${stdout}${stderr}`);
}
