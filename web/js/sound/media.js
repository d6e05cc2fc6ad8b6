// The sound of a call, across the connections that carry it one after the other.

import { Connection } from './connection.js';

// Milliseconds: a connection that is not up so long after the link is back, or after it was disturbed, is given up.
const AFTER_LINK = 1000;
const DISTURBED = 3000;
// Between giving up and the next connection, doubled each time until one is up.
const SHORTEST = 500;
const LONGEST = 15000;

/** Keeps a connection as long as there is a link to negotiate it over. */
export class Media {
  /**
   * `send` takes signaling messages, `track()` gives the microphone's track or undefined, `onTrack(mid, track)` gets each
   * slot's sound, `onState` the state of the connection in use, `onSilent(isSilent)` whether nothing comes over it any
   * more, `onObstacle` what keeps it from coming up, `onError` what made a new one impossible.
   */
  constructor({ send, track, onTrack, onState, onSilent, onObstacle, onError }) {
    this._send = send;
    this._track = track;
    this._onTrack = onTrack;
    this._onState = onState;
    this._onSilent = onSilent;
    this._onObstacle = onObstacle;
    this._onError = onError;
    this._connection = null;
    // What the next connection may use; credentials in it are for a limited time.
    this.iceServers = [];
    this._relayOnly = false;
    this._isLinked = false;
    // Offers of this link that have no answer yet: only the answer to the last one is of use.
    this._unanswered = 0;
    this._pause = 0;
    this._timer = null;
  }

  /** The link is there, for the first time or again. `isKnown`: the server has a connection of this page's. */
  async linked({ iceServers, relayOnly, isKnown }) {
    this.iceServers = iceServers;
    this._relayOnly = relayOnly;
    this._isLinked = true;
    this._unanswered = 0;
    this._pause = 0;
    if (!isKnown || !this._connection?.isAnswered || this._connection.state === 'failed') await this._renew();
    else if (this._connection.state !== 'connected') this._renewIn(AFTER_LINK);
  }

  /** The browser's own connection in use, to be looked at; null if there is none. */
  get peer() {
    return this._connection?.peer ?? null;
  }

  /** The link is there again, over the socket that there was. */
  relinked() {
    this._isLinked = true;
    if (this._connection && this._connection.state !== 'connected') this._renewIn(AFTER_LINK);
  }

  /** The link is lost: what sounds goes on, but nothing can be negotiated. */
  unlinked() {
    this._isLinked = false;
    this._cancel();
  }

  async answered(sdp) {
    this._unanswered -= 1;
    if (this._unanswered === 0) await this._connection.answered(sdp);
  }

  /** The server would not have an offer. */
  refused() {
    this._unanswered -= 1;
    if (this._unanswered === 0) this._giveUp();
  }

  /** The server says that the connection is gone. */
  lost() {
    this._giveUp();
  }

  /** Another connection of this participant's carries the sound: nothing is offered until that one is lost. */
  rest() {
    this._cancel();
    this._connection?.close();
    this._connection = null;
  }

  /** Changes the microphone's track. */
  async setTrack(track) {
    await this._connection?.setTrack(track);
  }

  close() {
    this.unlinked();
    this._connection?.close();
    this._connection = null;
  }

  async _renew() {
    this._cancel();
    this._connection?.close();
    this._connection = null;
    try {
      const connection = new Connection({
        iceServers: this.iceServers,
        relayOnly: this._relayOnly,
        track: this._track(),
        send: this._send,
        onTrack: this._onTrack,
        onState: (state) => this._changed(connection, state),
        onObstacle: this._onObstacle,
        onSilent: this._onSilent,
      });
      this._connection = connection;
      this._unanswered += 1;
      await connection.offer();
    } catch (error) {
      this._onError(error);
    }
  }

  _changed(connection, state) {
    if (connection !== this._connection) return;
    this._onState(state);
    if (state === 'failed') {
      this._giveUp();
    } else if (state === 'disconnected') {
      this._renewIn(DISTURBED);
    } else if (state === 'connected') {
      this._cancel();
      this._pause = 0;
    }
  }

  _giveUp() {
    this._cancel();
    this._renewIn(this._pause);
    this._pause = Math.min(LONGEST, Math.max(SHORTEST, 2 * this._pause));
  }

  _renewIn(milliseconds) {
    if (this._isLinked) this._timer ??= setTimeout(() => this._renew(), milliseconds);
  }

  _cancel() {
    clearTimeout(this._timer);
    this._timer = null;
  }
}
