// My visit to a room: one call, or several with an end between them.

import { byId } from '../base/dom.js';
import { Balance } from '../sound/balance.js';
import { Microphone } from '../sound/microphone.js';
import { tokenFor } from '../wire/token.js';
import { Call } from './call.js';
import { Controls } from './controls.js';
import { refusal, showEnding } from './ending.js';
import { Notices } from './notices.js';

// Close codes: the token is not known, which asks for another one; I left by myself.
const BAD_TOKEN = 4001;
const LEFT = 1000;

/** Brings somebody in, and in again. */
export class Visit {
  /** `waiting` is the lobby's screen. */
  constructor({ roomId, languages, waiting }) {
    this._roomId = roomId;
    this._languages = languages;
    this._waiting = waiting;
    this._notices = new Notices(byId('notices'));
    this._controls = new Controls({ languages, notices: this._notices });
    byId('room-name').textContent = roomId;
  }

  /** Joins with a token of this page's. Resolves once inside; rejects with words otherwise, see `_enter`. */
  async enter(me) {
    await this._enter(Object.assign(me, { original: Balance.remembered().original }), await tokenFor(this._roomId));
  }

  /** Joins; resolves once inside, rejects with words when the server says no, and the `code` if it closed the socket. */
  _enter(me, token) {
    return new Promise((resolve, reject) => {
      new Call({
        roomId: this._roomId,
        token,
        renewToken: () => tokenFor(this._roomId),
        me,
        languages: this._languages,
        notices: this._notices,
        onWaiting: (message, call) => this._waiting.show(call, message),
        onJoined: (call) => {
          this._waiting.hide({ isIn: true });
          this._show(call);
          resolve();
        },
        onRefused: (words) => reject(new Error(words)),
        onEnded: (code, call) => {
          this._waiting.hide({ isIn: false });
          if (call.participantId) this._end(code, call);
          else reject(Object.assign(new Error(refusal(code)), { code }));
        },
      });
    });
  }

  _show(call) {
    this._controls.attach(call);
    byId('join').hidden = true;
    byId('ended').hidden = true;
    byId('call').hidden = false;
    byId('mute').focus({ preventScroll: true });
  }

  _end(code, call) {
    this._notices.clear();
    call.me.microphone?.close();
    showEnding(code, { onRejoin: () => this._rejoin(call) });
  }

  /** Joins again as the participant I was, with a microphone if there was one. */
  async _rejoin(call) {
    byId('rejoin').disabled = true;
    const microphone = await reopened(call.me.microphone);
    try {
      await this._enterAgain({ ...call.me, microphone }, call.resumeToken);
    } catch (error) {
      microphone?.close();
      if (error.code !== LEFT) this._notices.show(error.message);
    } finally {
      byId('rejoin').disabled = false;
    }
  }

  /** Comes back by the resume token; a server that started anew does not know it: then as a new participant. */
  async _enterAgain(me, resumeToken) {
    try {
      await this._enter(me, resumeToken);
    } catch (error) {
      if (error.code !== BAD_TOKEN) throw error;
      await this._enter(me, await tokenFor(this._roomId));
    }
  }
}

async function reopened(microphone) {
  if (!microphone) return null;
  try {
    return await Microphone.open(microphone.deviceId);
  } catch {
    return null; // to listen is better than not to come back; the bar offers to turn it on
  }
}
