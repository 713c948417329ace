import { openDockerEngine } from '../../trinity/docker/docker-engine.ts';
import { VolumeHelpers, type HelperTarget } from '../../trinity/helper/volume-helpers.ts';
import type { WritingHelper } from '../../trinity/helper/writing-helper.ts';
import { workFolderPrefix } from '../../components/work-folder.ts';
import type { JournalHelperSwap } from '../restore/swap/journal-model.ts';
import type { OpenJournal } from '../restore/swap/journal.ts';

/** Says what a volume of ours is to whoever lists them; Trinity's own labels would let it remove the volume. */
const stageLabel = 'trinity-backup.restore';

/** The volume in which a restore stages what only helpers write, and the one helper that writes it for as long as this is open. */
export class HelperStage implements AsyncDisposable {
  readonly #journal: OpenJournal;
  readonly #host: string;
  readonly #signal: AbortSignal;
  #open: Promise<Readonly<{ helpers: VolumeHelpers; helper: WritingHelper }>> | undefined;

  constructor(journal: OpenJournal, host: string, signal: AbortSignal) {
    this.#journal = journal;
    this.#host = host;
    this.#signal = signal;
  }

  /** Names a live place in the journal. Rejects with `details.noImage` where no container can run. */
  async begin(live: HelperTarget): Promise<Readonly<{ entry: JournalHelperSwap; helper: WritingHelper }>> {
    const { restoreId, helperSwaps } = this.#journal.content;
    const entry: JournalHelperSwap = {
      host: this.#host,
      kind: live.kind,
      source: live.source,
      stage: `trinity-backup-${restoreId}`,
      work: `${workFolderPrefix}${restoreId}-helper${String(helperSwaps.length)}`,
      state: 'staged',
    };
    await this.#journal.update({ helperSwaps: [...helperSwaps, entry] });
    this.#open ??= this.#start(entry.stage, restoreId, live);
    return { entry, helper: (await this.#open).helper };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What could not be opened was told.
    const open = await this.#open?.catch(() => undefined);
    await open?.helper[Symbol.asyncDispose]();
    await open?.helpers[Symbol.asyncDispose]();
  }

  async #start(
    volume: string,
    restoreId: string,
    { containers }: HelperTarget,
  ): Promise<Readonly<{ helpers: VolumeHelpers; helper: WritingHelper }>> {
    const engine = await openDockerEngine(this.#host);
    const labels = { [stageLabel]: restoreId };
    await engine.createVolume({ name: volume, driver: 'local', labels, options: {} }, this.#signal);
    const helpers = new VolumeHelpers({ host: this.#host });
    try {
      const target = { kind: 'volume', source: volume, containers } as const;
      return { helpers, helper: await helpers.openToWrite([{ target, at: '/stage' }], this.#signal) };
    } catch (error) {
      await helpers[Symbol.asyncDispose]();
      throw error;
    }
  }
}
