// What keeps a connection from coming up, as far as it can be told from the page.

// Milliseconds in which a connection should be up. The server gives up after 15 s.
const PATIENCE = 6000;
// The same for a relay after another one has refused, where there is no other way.
const OTHER_RELAYS = 1000;
// An `icecandidateerror` with this code means that no server answered; others are what a server said.
const NO_ANSWER = 701;

/** Watches an RTCPeerConnection until it is up or closed. */
export class Obstacle {
  /**
   * `onFound(key, values)` is called, at most once, with words of the page for it. With `relayOnly` there is no way but
   * through a TURN server.
   */
  constructor(peer, { relayOnly, onFound }) {
    this._peer = peer;
    this._onFound = onFound;
    this._hasRelay = false;
    const urls = peer.getConfiguration().iceServers.flatMap((server) => server.urls);
    this._asksRelay = urls.some((url) => url.startsWith('turn'));
    this._relayOnly = relayOnly;
    // What a TURN server said, or that none answered; null if nothing was said.
    this._code = null;
    this._watching = new AbortController();
    const { signal } = this._watching;
    peer.addEventListener('icecandidate', ({ candidate }) => {
      this._hasRelay ||= candidate?.type === 'relay';
      // The last one is null. Without a relay among them there is nothing left to wait for.
      if (!candidate && relayOnly && !this._hasRelay) this._tell();
    }, { signal });
    peer.addEventListener('icecandidateerror', ({ url, errorCode }) => {
      if (!url?.startsWith('turn')) return;
      if (this._code === null || this._code === NO_ANSWER) this._code = errorCode;
      if (relayOnly && errorCode !== NO_ANSWER) this._hurry ??= setTimeout(() => this._hasRelay || this._tell(), OTHER_RELAYS);
    }, { signal });
    this._timer = setTimeout(() => this._tell(), PATIENCE);
    this._hurry = null;
  }

  close() {
    clearTimeout(this._timer);
    clearTimeout(this._hurry);
    this._watching.abort();
  }

  _tell() {
    this.close();
    if (this._peer.connectionState === 'connected') return;
    if (!this._asksRelay) this._onFound(this._relayOnly ? 'lost.no_relay' : 'lost.no_way');
    else if (this._hasRelay) this._onFound('lost.no_way');
    else if (this._code === null || this._code === NO_ANSWER) this._onFound('lost.relay_unreachable');
    else this._onFound('lost.relay_refused', { code: this._code });
  }
}
