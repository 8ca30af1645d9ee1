/** Subscriptions of one socket answer in the order of their events, although each answer takes its own time to put together. */

/** A queue of answers, each handed on after all that began before it. What nothing holds up is handed on at once. */
export class EventOrder {
  readonly #turns: Turn[] = [];

  /** An event's place, taken when its answer is begun. Whoever takes it must give it an answer, or those behind it wait for ever. */
  begin(): Turn {
    const turn = new Turn(() => this.#handOn());
    this.#turns.push(turn);
    return turn;
  }

  /** The answer of an event that begins now, and has it already. */
  answer(handOn: () => void): void {
    if (this.#turns.length === 0) handOn();
    else this.begin().answer(handOn);
  }

  #handOn(): void {
    for (let handOn = this.#turns[0]?.handOn; handOn; handOn = this.#turns[0]?.handOn) {
      this.#turns.shift();
      handOn();
    }
  }
}

class Turn {
  readonly #answered: () => void;
  handOn: (() => void) | undefined;

  constructor(answered: () => void) {
    this.#answered = answered;
  }

  /** @param handOn called when all earlier answers have been handed on; it does not throw */
  answer(handOn: () => void): void {
    this.handOn = handOn;
    this.#answered();
  }
}
