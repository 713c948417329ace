import { type QuitChoice, type QuitFacts, quitQuestion, type QuitQuestion } from './quit-question.ts';

export type QuitParts = Readonly<{
  facts: () => QuitFacts;
  ask: (question: QuitQuestion) => Promise<QuitChoice>;
  /** Cancels what is on; it ends within the time that stopping the application takes. */
  cancel: () => void;
  /** Resolves when nothing changes vault or install any more. */
  idle: () => Promise<void>;
  /** Ends the application, and the process with it. */
  end: () => void;
}>;

/** How the application ends when a person says so. */
export class QuitFlow {
  readonly #parts: QuitParts;
  #isAsking = false;
  /** Counts the answers: who waits for the end of a run acts only on the last. */
  #answers = 0;

  constructor(parts: QuitParts) {
    this.#parts = parts;
  }

  /** Resolves when the application ends, or when it was decided that it does not. A question that is open is not asked twice. */
  async request(): Promise<void> {
    if (this.#isAsking) return;
    const { cancel, idle, end } = this.#parts;
    const choice = await this.#choice();
    this.#answers += 1;
    if (choice === 'stay') return;
    const answer = this.#answers;
    if (choice === 'cancel') cancel();
    if (choice === 'wait') await idle();
    if (answer === this.#answers) end();
  }

  async #choice(): Promise<QuitChoice> {
    const { ask, facts } = this.#parts;
    const question = quitQuestion(facts());
    if (question === undefined) return 'quit';
    this.#isAsking = true;
    try {
      return await ask(question);
    } finally {
      this.#isAsking = false;
    }
  }
}
