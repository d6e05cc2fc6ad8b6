// The WebRTC connection: one m-line for the microphone, then the slots; one offer, never renegotiated.

const FLOORS = 4;
const VOICES = 4;

function preferOpus(transceiver) {
  const codecs = RTCRtpReceiver.getCapabilities?.('audio')?.codecs ?? [];
  const opus = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === 'audio/opus');
  if (opus.length > 0) transceiver.setCodecPreferences?.(opus);
}

/** One peer connection to the server. */
export class Connection {
  /** `send` takes signaling messages, `onTrack(mid, track)` each slot's sound, `onState` the connection's state. */
  constructor({ iceServers, track, send, onTrack, onState }) {
    this._send = send;
    // Candidates found before the offer was sent.
    this._early = [];
    this._peer = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' });
    this._microphone = this._peer.addTransceiver(track ?? 'audio', { direction: 'sendonly' });
    preferOpus(this._microphone);
    for (let i = 0; i < FLOORS + VOICES; i += 1) {
      preferOpus(this._peer.addTransceiver('audio', { direction: 'recvonly' }));
    }
    this._peer.ontrack = (event) => onTrack(event.transceiver.mid, event.track);
    this._peer.onicecandidate = ({ candidate }) => this._trickle(candidate);
    this._peer.onconnectionstatechange = () => onState(this._peer.connectionState);
  }

  /** Sends the offer at once; candidates follow as they are found. */
  async offer() {
    await this._peer.setLocalDescription();
    this._send({ type: 'offer', sdp: this._peer.localDescription.sdp });
    const early = this._early;
    this._early = null;
    for (const candidate of early) this._trickle(candidate);
  }

  async answered(sdp) {
    await this._peer.setRemoteDescription({ type: 'answer', sdp });
  }

  /** Gives the microphone's m-line a track, or none. Nothing is negotiated. */
  async setTrack(track) {
    await this._microphone.sender.replaceTrack(track);
  }

  close() {
    this._peer.onconnectionstatechange = null;
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
