// Whether I am heard: the microphone in use, whether it is on, and that the server has the same idea of it.

import { say } from '../base/strings.js';

// After a refused message, in milliseconds; the server takes two a second.
const AGAIN_MS = 1500;

/** The microphone of one call. What is on is `call.me.microphone` and not `call.me.muted`. */
export class MyMicrophone {
  constructor(call) {
    this._call = call;
    // What the server was told of it (true: off) and has not confirmed, null if there is nothing.
    this._saying = null;
    // Whether I may be heard at all.
    this.mayTalk = true;
    // Called when it is off by somebody else's doing.
    this.onSilenced = () => {};
    call.on('joined', (message) => this._joined(message));
    call.on('participant_updated', ({ participant }) => this._updated(participant));
    call.on('notice', ({ code }) => { if (code === 'muted_by_host') this._silence(); });
    call.on('error', (message) => this._refused(message));
  }

  /** Turns the microphone, which must be there, off or on. */
  setMuted(isMuted) {
    if (!this.mayTalk) {
      this._listenOnly();
      return;
    }
    this._call.me.muted = isMuted;
    this._enable();
    this._tell();
  }

  /** Begins to talk with a microphone that was not there before. One that comes too late is given back. */
  async take(microphone) {
    if (this._call.isOver) {
      microphone.close();
      return;
    }
    await this._call.media.setTrack(microphone.track);
    Object.assign(this._call.me, { microphone, muted: false });
    if (this.mayTalk) this._tell();
    else this._listenOnly();
  }

  /** Goes on without the microphone, which is gone. */
  lose() {
    this._call.me.microphone.close();
    this._call.me.microphone = null;
    this._tell();
  }

  get isSilent() {
    const { microphone, muted } = this._call.me;
    return muted || !microphone || !this.mayTalk;
  }

  // What the server says.

  /**
   * The server and this page must agree. What was switched here counts, until the server has confirmed it; after that, what
   * the server says: a host may have switched it off while the link was lost.
   */
  _joined({ participant_id: id, participants }) {
    const { role, muted } = participants.find((info) => info.participant_id === id);
    this.mayTalk = role !== 'listener';
    this._enable();
    if (!this.mayTalk || (muted && !this._call.isFirst && this._saying === null)) this._silence();
    else if (muted !== this.isSilent) this._tell();
  }

  _updated({ participant_id: id, muted }) {
    if (id === this._call.participantId && muted === this._saying) this._saying = null;
  }

  _refused({ code, in_reply_to: request }) {
    if (request !== 'mute') return;
    // What was refused was the newest word: it is said again, once there is room for it.
    if (code === 'too_many_messages') setTimeout(() => this._call.isOver || this._tell(), AGAIN_MS);
    if (code === 'not_allowed') this._listenOnly();
  }

  // Inside.

  _enable() {
    const { microphone, muted } = this._call.me;
    if (microphone) microphone.track.enabled = !muted;
  }

  /** It is off, and not by my own doing. */
  _silence() {
    this._saying = null;
    this._call.me.muted = true;
    this._enable();
    this.onSilenced();
  }

  _listenOnly() {
    this._silence();
    this._call.notices.show(say('call.listen_only'));
  }

  _tell() {
    const muted = this.isSilent;
    this._saying = muted;
    this._call.send({ type: 'mute', muted });
    const info = this._call.people.get(this._call.participantId);
    if (info) this._call.people.put({ ...info, muted });
  }
}
