import { describe, expect, it } from 'vitest';
import { recoverJournals } from '../../../main/backup/restore/swap/recover-journals.ts';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { builtInRegistry, ComponentRegistry } from '../../../main/components/registry.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import { secondEngine } from '../../services/docker/test-engine.ts';
import { liveLab } from '../restore/live-lab.ts';

describe('a backup whose engine goes away in the middle', () => {
  it('is not whole, says why in one sentence for each volume, and agents run when the engine is back', async () => {
    const engine = await secondEngine();
    const lab = await liveLab(engine);
    const handlers = builtInRegistry().handlers.map((handler) =>
      handler.component === 'files'
        ? {
            ...handler,
            backup: async (context: Parameters<typeof handler.backup>[0]) => {
              const sources = await handler.backup(context);
              await engine.stop();
              return sources;
            },
          }
        : handler,
    );
    const context = { ...lab.context, registry: new ComponentRegistry(handlers) };
    const made = await createBackup(context, { trigger: 'manual' }, quietly).catch((error: unknown) => error);
    const told =
      made instanceof Error
        ? [made.message]
        : Object(made).warnings.map(({ message }: { message: string }) => message);
    expect(told.length).toBeGreaterThan(0);
    for (const sentence of told) expect(sentence).toMatch(/^\S[^\n]*engine[^\n]*\.$/u);
    expect(made).not.toMatchObject({ incomplete: false });
    await engine.start();
    await recoverJournals(lab.home);
    await expect
      .poll(async () => await lab.states())
      .toMatchObject({ 'agent-echo': 'running unless-stopped' });
    expect(await createBackup(lab.context, { trigger: 'manual' }, quietly)).toMatchObject({
      incomplete: false,
    });
  });
});
