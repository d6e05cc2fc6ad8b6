// A wait that can be ended early.

/** One wait at a time. */
export class Pause {
  constructor() {
    this._end = () => {};
  }

  /** Waits, for so many milliseconds or until `end` is called. */
  async wait(milliseconds) {
    await new Promise((done) => {
      const timer = setTimeout(done, milliseconds);
      this._end = () => {
        clearTimeout(timer);
        done();
      };
    });
    this._end = () => {};
  }

  /** Ends the wait, if there is one. */
  end() {
    this._end();
  }
}
