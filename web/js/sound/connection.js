// The WebRTC connection: one m-line for the microphone, then the slots; one offer, never renegotiated.

import { Obstacle } from './obstacle.js';
import { Pulse } from './pulse.js';

const FLOORS = 4;
const VOICES = 4;

function preferOpus(transceiver) {
  const codecs = RTCRtpReceiver.getCapabilities?.('audio')?.codecs ?? [];
  const opus = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === 'audio/opus');
  if (opus.length > 0) transceiver.setCodecPreferences?.(opus);
}

/**
 * Adds to an offer what browsers can do for sound but do not offer by themselves: sending lost packets anew (`nack`), and
 * measuring the round trip where they only receive (`rrtr`). One that can do neither passes it over.
 */
function withFeedback(sdp) {
  return sdp.replace(
    /^a=rtpmap:(\d+) opus\/48000\/2\r\n/gim,
    (line, type) => `${line}a=rtcp-fb:${type} nack\r\na=rtcp-fb:${type} rrtr\r\n`,
  );
}

/** One peer connection to the server. */
export class Connection {
  /**
   * `send` takes signaling messages, `onTrack(mid, track)` each slot's sound, `onState` the connection's state,
   * `onObstacle` what keeps it from coming up, `onSilent(isSilent)` whether nothing comes over it any more. With `relayOnly` it goes through a TURN server or not at all.
   */
  constructor({ iceServers, relayOnly, track, send, onTrack, onState, onObstacle, onSilent }) {
    this._send = send;
    // Candidates found before the offer was sent.
    this._early = [];
    const iceTransportPolicy = relayOnly ? 'relay' : 'all';
    this._peer = new RTCPeerConnection({ iceServers, iceTransportPolicy, bundlePolicy: 'max-bundle' });
    this._obstacle = new Obstacle(this._peer, { relayOnly, onFound: onObstacle });
    this._microphone = this._peer.addTransceiver(track ?? 'audio', { direction: 'sendonly' });
    preferOpus(this._microphone);
    for (let i = 0; i < FLOORS + VOICES; i += 1) {
      preferOpus(this._peer.addTransceiver('audio', { direction: 'recvonly' }));
    }
    this._peer.ontrack = (event) => onTrack(event.transceiver.mid, event.track);
    this._peer.onicecandidate = ({ candidate }) => this._trickle(candidate);
    // Once it is up.
    this._pulse = null;
    this._peer.onconnectionstatechange = () => {
      if (this._peer.connectionState === 'connected') this._pulse ??= new Pulse(this._peer, onSilent);
      onState(this._peer.connectionState);
    };
  }

  /** Sends the offer at once; candidates follow as they are found. */
  async offer() {
    const { type, sdp } = await this._peer.createOffer();
    try {
      await this._peer.setLocalDescription({ type, sdp: withFeedback(sdp) });
    } catch {
      await this._peer.setLocalDescription({ type, sdp });
    }
    this._send({ type: 'offer', sdp: this._peer.localDescription.sdp });
    const early = this._early;
    this._early = null;
    for (const candidate of early) this._trickle(candidate);
  }

  /** Whether the server's answer is there. */
  get isAnswered() {
    return this._peer.currentRemoteDescription !== null;
  }

  get state() {
    return this._peer.connectionState;
  }

  /** The browser's own connection, to be looked at. */
  get peer() {
    return this._peer;
  }

  async answered(sdp) {
    await this._peer.setRemoteDescription({ type: 'answer', sdp });
  }

  /** Gives the microphone's m-line a track, or none. Nothing is negotiated. */
  async setTrack(track) {
    await this._microphone.sender.replaceTrack(track);
  }

  close() {
    this._obstacle.close();
    this._pulse?.close();
    this._peer.onconnectionstatechange = null;
    this._peer.onicecandidate = null;
    this._peer.ontrack = null;
    this._peer.close();
  }

  _trickle(candidate) {
    if (this._early) {
      this._early.push(candidate);
      return;
    }
    // An empty candidate ends those of one m-line; null, which follows, ends them all.
    if (candidate?.candidate === '') return;
    this._send({ type: 'candidate', candidate: candidate?.toJSON() ?? null });
  }
}
