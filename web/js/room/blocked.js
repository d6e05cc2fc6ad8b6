// What to do when the browser wants a tap before it plays: says so once, and takes any.

/** The card that asks for a tap, for one call. */
export class Blocked {
  /** `play()` tries to play everything, and resolves with whether it all does. */
  constructor(card, { play }) {
    this._card = card;
    this._play = play;
    // While it is shown: what listens for taps.
    this._watching = null;
    // A page that comes back to the front may play, or has been stopped meanwhile.
    this._shown = () => { if (!document.hidden) this.retry(); };
    document.addEventListener('visibilitychange', this._shown);
    window.addEventListener('pageshow', this._shown);
  }

  show() {
    if (this._watching) return;
    this._card.hidden = false;
    this._watching = new AbortController();
    const options = { signal: this._watching.signal, capture: true };
    // What browsers take for a tap; the button is only the largest place for one.
    for (const type of ['click', 'keydown', 'touchend']) document.addEventListener(type, () => this.retry(), options);
  }

  /** Tries again; the card goes when everything plays. */
  async retry() {
    if (await this._play()) this._hide();
  }

  close() {
    this._hide();
    document.removeEventListener('visibilitychange', this._shown);
    window.removeEventListener('pageshow', this._shown);
  }

  _hide() {
    this._watching?.abort();
    this._watching = null;
    this._card.hidden = true;
  }
}
