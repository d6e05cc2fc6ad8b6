// The screen stays on while a call lasts: somebody who only listens touches nothing for an hour.

/** The lock of one call. Browsers take it away when the page is hidden, so it is asked for again. */
export class WakeLock {
  constructor(call) {
    if (!navigator.wakeLock) return;
    this._call = call;
    this._lock = null;
    this._isAsking = false;
    const seen = () => this._ask();
    document.addEventListener('visibilitychange', seen);
    call.whenOver(() => {
      document.removeEventListener('visibilitychange', seen);
      this._lock?.release();
      this._lock = null;
    });
    this._ask();
  }

  async _ask() {
    if (document.visibilityState !== 'visible' || this._isAsking || (this._lock && !this._lock.released)) return;
    this._isAsking = true;
    try {
      const lock = await navigator.wakeLock.request('screen');
      if (this._call.isOver) lock.release();
      else this._lock = lock;
    } catch {
      // A low battery, or the page is hidden again: the screen goes off as it always does.
    } finally {
      this._isAsking = false;
    }
  }
}
