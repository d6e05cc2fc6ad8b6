// The way to the server, kept across losses: one open socket, and another one when nothing comes over it any more.
//
// Browsers do not show a WebSocket's own pings, and a connection that broke on the way looks like a silent one for
// minutes. So this asks, and where no answer comes it first looks for another way beside (what recovers first is used),
// then says that the link is lost, and goes on looking for as long as the page is open.

import { Pause } from './pause.js';
import { reach } from './reach.js';
import { Socket } from './socket.js';

// All in milliseconds. How often this looks at the time; when it did not for much longer, the page was asleep.
const TICK = 250;
const ASLEEP = 2000;
// A `ping` so long after the last one.
const PING = 1250;
// Unanswered for so long: another socket is tried. For so long: it is told. Both follow from the promises that a loss
// of 2 s is over 1 s after the network's return, and that a longer one is told within 6 s.
const DOUBT = 750;
const LOST = 2500;
// The server is asked with a small request whether it can be reached, which is given up after a quarter of how long it
// has been tried, within these: where the first packet of a connection was lost, the next one is sent a second later, so
// that asking anew is sooner; but on a slow network an answer takes its time.
const SHORTEST_REACH = 600;
const LONGEST_REACH = 3000;
// From opening a socket to `joined` or `waiting`.
const JOIN = 3000;
// Between two tries: a sixteenth of how long it has been tried, within these.
const SHORTEST = 300;
const LONGEST = 15000;

// Close codes (signaling/PROTOCOL.md) after which nothing is tried: left, refused, the token is over, sent away by a host,
// no such room, replaced by another page, the room has ended, is full or locked.
const FINAL = new Set([1000, 1008, 1009, 4401, 4403, 4404, 4405, 4409, 4410, 4413, 4423]);
const BAD_TOKEN = 4001;

function within(least, value, most) {
  return Math.min(most, Math.max(least, value));
}

/** The link of one call. */
export class Link {
  /**
   * Opens the first socket. `listener` gets each message as `heard(message)`, `opened()` when a socket wants a `join`,
   * `lost(code)` when the link is lost (the close code, null if nothing was said), `tried({ tries, pause })` when it was
   * looked for in vain so many times and the next time is after so many milliseconds, `found()` when it is there again, and
   * `closed(code)` once at the end. `renewToken()` gives a token that does not depend on the participant being known; what it
   * throws is final if it has `isFinal`.
   */
  constructor({ roomId, token, renewToken, listener }) {
    this._roomId = roomId;
    this._token = token;
    this._renewToken = renewToken;
    this._listener = listener;
    // Whether `joined` or `waiting` has ever come: a socket that is closed before is the end.
    this._isIn = false;
    this._isLost = false;
    this._isOver = false;
    this._isSearching = false;
    // The token is not known there: ask for another one; and whether the one in use is such a one.
    this._wantsToken = false;
    this._hasNewToken = false;
    // The socket in use, and the one that is being opened in its place.
    this._socket = this._open();
    this._next = null;
    // When the question was asked that has no answer yet, null if there is none; and when one was asked last.
    this._askedAt = null;
    this._lastAskedAt = performance.now();
    this._tickedAt = performance.now();
    // The open question was given more time, because the page was asleep.
    this._isSpared = false;
    // The wait between two tries; and what ends the wait for one, while there is one.
    this._pause = new Pause();
    this._tryOver = () => {};
    this._timer = setInterval(() => this._tick(), TICK);
    this._online = () => this.tryNow();
    window.addEventListener('online', this._online);
  }

  /** Sends a message; while there is no socket it is nothing to anybody. */
  send(message) {
    this._socket?.send(message);
  }

  /** Does not wait for the next try. */
  tryNow() {
    this._pause.end();
  }

  /** Says goodbye and ends. */
  close() {
    this._socket?.leave();
    this._end(1000);
  }

  // Sockets.

  _open() {
    const socket = new Socket(this._roomId, this._token, {
      onOpen: () => this._opened(socket),
      onEvent: (event) => this._heard(socket, event),
      onClose: (code) => this._closed(socket, code),
    });
    return socket;
  }

  _opened(socket) {
    if (socket === this._next) {
      this._socket?.drop();
      this._socket = socket;
      this._next = null;
    }
    this._ask();
    this._listener.opened();
  }

  _heard(socket, event) {
    this._askedAt = null;
    this._isSpared = false;
    if (event.type === 'joined' || event.type === 'waiting') {
      this._isIn = true;
      socket.isIn = true;
      this._token = event.resume_token;
      this._wantsToken = false;
      this._hasNewToken = false;
    }
    // A socket that was silent and speaks again needs no other. One that is new is good once it has let me in.
    if (socket.isIn) this._found();
    this._listener.heard(event);
  }

  _found() {
    this._next?.drop();
    this._next = null;
    this._tryOver();
    if (!this._isLost) return;
    this._isLost = false;
    this._listener.found();
  }

  _closed(socket, code) {
    if (socket === this._next) {
      this._next = null;
    } else {
      if (!this._isIn || FINAL.has(code) || (code === BAD_TOKEN && this._hasNewToken)) {
        this._end(code);
        return;
      }
      this._socket = null;
      this._askedAt = null;
      this._wantsToken ||= code === BAD_TOKEN;
      this._lose(code);
    }
    this._tryOver();
  }

  _end(code) {
    if (this._isOver) return;
    this._isOver = true;
    clearInterval(this._timer);
    window.removeEventListener('online', this._online);
    this._socket?.drop();
    this._next?.drop();
    this._pause.end();
    this._tryOver();
    this._listener.closed(code);
  }

  // Noticing that nothing comes.

  _ask() {
    this._lastAskedAt = performance.now();
    this._askedAt ??= this._lastAskedAt;
  }

  _tick() {
    const now = performance.now();
    const slept = now - this._tickedAt > ASLEEP;
    this._tickedAt = now;
    if (!this._socket || !this._isIn) return;
    // What came meanwhile is still to be delivered. (Once: a page in the background may always be half asleep.)
    if (slept && this._askedAt !== null && !this._isSpared) {
      this._askedAt = now;
      this._isSpared = true;
    }
    const silence = this._askedAt === null ? 0 : now - this._askedAt;
    if (silence > LOST) this._lose(null);
    else if (silence > DOUBT) this._search();
    else if (this._askedAt === null && now - this._lastAskedAt >= PING) {
      this.send({ type: 'ping' });
      this._ask();
    }
  }

  _lose(code) {
    if (!this._isLost && !this._isOver) {
      this._isLost = true;
      this._listener.lost(code);
    }
    this._search();
  }

  // Looking for another way.

  /** Whether another socket is needed: there is none, or it has been silent for too long. */
  get _isNeeded() {
    const isDoubtful = this._askedAt !== null && performance.now() - this._askedAt > DOUBT;
    return !this._isOver && (!this._socket || this._isLost || isDoubtful);
  }

  async _search() {
    if (this._isSearching) return;
    this._isSearching = true;
    const began = performance.now();
    let tries = 0;
    while (this._isNeeded) {
      await this._try(within(SHORTEST_REACH, (performance.now() - began) / 4, LONGEST_REACH));
      if (!this._isNeeded) break;
      const pause = within(SHORTEST, (performance.now() - began) / 16, LONGEST);
      const chosen = pause * (0.8 + 0.4 * Math.random());
      tries += 1;
      if (this._isLost) this._listener.tried({ tries, pause: chosen });
      await this._pause.wait(chosen);
    }
    this._isSearching = false;
  }

  /** Tries once; over when it has succeeded, or not. */
  async _try(limit) {
    if (!(await reach(limit)) || !this._isNeeded) return;
    if (this._wantsToken && !(await this._getToken())) return;
    if (!this._isNeeded) return;
    await new Promise((done) => {
      const deadline = setTimeout(done, JOIN);
      this._tryOver = () => {
        clearTimeout(deadline);
        done();
      };
      this._next = this._open();
    });
    this._tryOver = () => {};
    this._next?.drop();
    this._next = null;
    if (this._socket?.isIn) return;
    this._socket?.drop();
    this._socket = null;
    this._lose(null);
  }

  async _getToken() {
    try {
      this._token = await this._renewToken();
      this._wantsToken = false;
      this._hasNewToken = true;
      return true;
    } catch (error) {
      if (error.isFinal) this._end(BAD_TOKEN);
      return false;
    }
  }
}
