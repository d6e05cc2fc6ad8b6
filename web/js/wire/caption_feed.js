// The captions of a room, without being in it: the captions socket (signaling/PROTOCOL.md), kept across losses for ever.

import { Pause } from './pause.js';
import { reach } from './reach.js';
import { noteTime } from './server_clock.js';

// All in milliseconds. How often this looks at the time; when it did not for much longer, the page was asleep, or its
// timers held back because nobody sees it.
const TICK = 2000;
const ASLEEP = 6000;
// A `ping` so long after the last one; unanswered for so long, the socket is given up.
const PING = 4000;
const LOST = 6000;
// Between two tries: a tenth of how long it has been tried, within these. Where the server has refused, trying again soon
// would be of no use: at least the third.
const SHORTEST = 300;
const LONGEST = 30_000;
const REFUSED = 5000;
// The request with which the server is asked whether it is there.
const REACH = 3000;
// From opening a socket to its first message.
const OPENING = 5000;

// Close codes that say why there are no captions. What has none of them is a loss like any other.
const REFUSALS = new Set([1008, 4001, 4401, 4403, 4404, 4405, 4410, 4413, 4423, 4425, 4429]);

/** The captions of one room, from now on. */
export class CaptionFeed {
  /**
   * `query`: what is asked for (`language`, `interim`, `translate`). `token()` gives a token, anew for each try; what it
   * throws is told. `listener` gets `caption(caption)`, `found()` when captions come (again), `lost()` when they do not,
   * and `refused(code, words)` when the server says no: its close code, or words where there is none.
   */
  constructor({ roomId, query, token, listener }) {
    this._roomId = roomId;
    this._query = query;
    this._token = token;
    this._listener = listener;
    this._socket = null;
    // Of the last final caption: what comes behind it is missing.
    this._cursor = null;
    // Whether something has come over the socket.
    this._isFound = false;
    // When it began to be tried; null while captions come.
    this._triedSince = performance.now();
    this._askedAt = null;
    this._lastAskedAt = 0;
    this._tickedAt = performance.now();
    this._isSpared = false;
    this._isOver = false;
    this._pause = new Pause();
    this._timer = setInterval(() => this._tick(), TICK);
    this._hurry = () => this._pause.end();
    window.addEventListener('online', this._hurry);
    document.addEventListener('visibilitychange', this._hurry);
    this._run();
  }

  close() {
    this._isOver = true;
    clearInterval(this._timer);
    window.removeEventListener('online', this._hurry);
    document.removeEventListener('visibilitychange', this._hurry);
    this._pause.end();
    this._socket?.close();
  }

  async _run() {
    while (!this._isOver) {
      const wasRefused = await this._try();
      if (this._isOver) break;
      this._triedSince ??= performance.now();
      const grown = Math.min(LONGEST, Math.max(SHORTEST, (performance.now() - this._triedSince) / 10));
      const pause = wasRefused ? Math.max(REFUSED, grown) : grown;
      // Give or take a fifth, so that not all pages come at once.
      await this._pause.wait(pause * (0.8 + 0.4 * Math.random()));
    }
  }

  /** Has captions come for as long as they do. Gives whether the server said no. */
  async _try() {
    const answer = await reach(REACH);
    if (!answer) return false;
    // It says what time it is there, too.
    noteTime(answer);
    let token;
    try {
      token = await this._token();
    } catch (error) {
      this._listener.refused(null, error.message);
      return true;
    }
    const code = this._isOver ? null : await this._listen(token);
    if (this._isFound) this._listener.lost();
    this._isFound = false;
    if (!REFUSALS.has(code)) return false;
    this._listener.refused(code, null);
    return true;
  }

  /** Opens a socket; gives its close code when it has ended, null if it was given up. */
  _listen(token) {
    const query = new URLSearchParams({ token, ...this._query });
    if (this._cursor) query.set('after', this._cursor);
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(`${scheme}//${location.host}/ws/captions/${this._roomId}?${query}`);
    this._socket = socket;
    this._askedAt = null;
    return new Promise((done) => {
      const end = (code) => {
        clearTimeout(deadline);
        socket.onopen = socket.onmessage = socket.onclose = null;
        socket.close();
        this._socket = null;
        done(code);
      };
      const deadline = setTimeout(() => this._isFound || end(null), OPENING);
      this._giveUp = () => end(null);
      socket.onopen = () => this._ask();
      socket.onmessage = ({ data }) => this._heard(JSON.parse(data));
      socket.onclose = ({ code }) => end(code);
    });
  }

  _heard(message) {
    this._askedAt = null;
    this._isSpared = false;
    this._triedSince = null;
    if (!this._isFound) {
      this._isFound = true;
      this._listener.found();
    }
    if (message.type !== 'caption') return;
    this._cursor = message.cursor ?? this._cursor;
    this._listener.caption(message);
  }

  _ask() {
    this._lastAskedAt = performance.now();
    this._askedAt ??= this._lastAskedAt;
    this._socket.send('{"type":"ping"}');
  }

  _tick() {
    const now = performance.now();
    const slept = now - this._tickedAt > ASLEEP;
    this._tickedAt = now;
    if (this._socket?.readyState !== WebSocket.OPEN) return;
    // What came meanwhile is still to be delivered. (Once: a page that nobody sees may always be half asleep.)
    if (slept && this._askedAt !== null && !this._isSpared) {
      this._askedAt = now;
      this._isSpared = true;
    }
    if (this._askedAt !== null && now - this._askedAt > LOST) this._giveUp();
    else if (this._askedAt === null && now - this._lastAskedAt >= PING) this._ask();
  }
}
