// That my invitation ends soon: told before it does, while something can still be done about it.

import { say } from '../base/strings.js';
import { claimsOf } from '../wire/token.js';

// How long before the end it is told.
const BEFORE_MS = 5 * 60_000;
// Timers of browsers do not go further than 24 days, and stand still while a computer sleeps.
const LOOK_MS = 30_000;

/** Watches the end of the visit, for one call. */
export class VisitEnd {
  constructor(call) {
    this._call = call;
    // In milliseconds of this page's own clock, null where it is not known.
    this._endsAt = null;
    this._isTold = false;
    this._read();
    call.on('joined', () => this._read());
    const timer = setInterval(() => this._look(), LOOK_MS);
    call.whenOver(() => clearInterval(timer));
    this._look();
  }

  /**
   * The token by which I may come back ends with the visit, and was made just now: by that the clocks are compared, since
   * people's may be minutes off.
   */
  _read() {
    const { nbf, exp, grants } = claimsOf(this._call.resumeToken) ?? {};
    const endsAt = grants?.endsAt ?? exp;
    const left = (endsAt - nbf) * 1000;
    this._endsAt = Number.isFinite(left) ? Date.now() + left : null;
  }

  _look() {
    if (this._endsAt === null) return;
    const left = this._endsAt - Date.now();
    if (left > BEFORE_MS) {
      this._isTold = false;
    } else if (!this._isTold && left > 0) {
      this._isTold = true;
      const minutes = Math.max(1, Math.round(left / 60_000));
      this._call.notices.show(say('notice.visit_ends', { minutes }), { stays: true });
    }
  }
}
