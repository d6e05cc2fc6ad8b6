// Whether I am heard: the microphone in use, whether it is on, and that the server has the same idea of it.

import { say } from '../base/strings.js';
import { Microphone } from '../sound/microphone.js';

// After a refused message, in milliseconds; the server takes two a second.
const AGAIN_MS = 1500;
// A device that takes another one's place and ends sooner than this is no better than none.
const SHORTEST_MS = 3000;

/** The microphone of one call. What is on is `call.me.microphone` and not `call.me.muted`. */
export class MyMicrophone {
  constructor(call) {
    this._call = call;
    // What the server was told of it (true: off) and has not confirmed, null if there is nothing.
    this._saying = null;
    // Whether I may be heard at all.
    this.mayTalk = true;
    // Whether it is on only for as long as somebody holds a key.
    this.isHeldOpen = false;
    this._watchers = [];
    // When a device took the place of one that was lost.
    this._replacedAt = -Infinity;
    call.on('joined', (message) => this._joined(message));
    call.on('participant_updated', ({ participant }) => this._updated(participant));
    call.on('notice', ({ code }) => { if (code === 'muted_by_host') this._silence(); });
    call.on('error', (message) => this._refused(message));
  }

  /** Has `take()` called whenever there is another microphone or none, or it is switched. */
  onChange(take) {
    this._watchers.push(take);
  }

  /** Turns the microphone, which must be there, off or on. `isHeld`: only while a key is held. */
  setMuted(isMuted, { isHeld = false } = {}) {
    if (!this.mayTalk) {
      this._listenOnly();
      return;
    }
    this.isHeldOpen = isHeld && !isMuted;
    this._call.me.muted = isMuted;
    this._enable();
    this._tell();
  }

  /** Opens a microphone where there was none, and talks. What keeps it from that is told in words. */
  async open() {
    try {
      await this._take(await Microphone.open(), { isMuted: false });
    } catch (error) {
      if (!this._call.isOver) this._call.notices.show(say(`microphone.${error.code ?? 'failed'}`));
    }
  }

  /** Goes over to another device; who was not heard is not heard yet. Throws a MicrophoneError, and then nothing has changed. */
  async change(deviceId) {
    const microphone = await Microphone.open(deviceId);
    await this._take(microphone, { isMuted: this._call.me.muted || !this._call.me.microphone });
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
    if (this._call.isFirst && this._call.me.microphone) this._watch(this._call.me.microphone);
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

  // Devices.

  /** Sends the sound of a microphone instead of what there was. One that comes too late is given back. */
  async _take(microphone, { isMuted }) {
    const { me, media } = this._call;
    if (this._call.isOver) {
      microphone.close();
      return;
    }
    const earlier = me.microphone;
    Object.assign(me, { microphone, muted: isMuted });
    microphone.track.enabled = !isMuted;
    await media.setTrack(microphone.track);
    earlier?.close();
    if (this._call.isOver) return;
    this._watch(microphone);
    if (this.mayTalk) this._tell();
    else this._listenOnly();
  }

  /** Notices that a device is unplugged, or the permission taken back; that may have been so before anybody looked. */
  _watch(microphone) {
    if (microphone.track.readyState === 'ended') this._ended(microphone);
    else microphone.track.onended = () => this._ended(microphone);
  }

  /** The others see it off at once; then another device takes its place, if there is one that stays. */
  async _ended(lost) {
    const { me, notices } = this._call;
    if (this._call.isOver || me.microphone !== lost) return;
    const isMuted = me.muted;
    lost.close();
    me.microphone = null;
    this._tell();
    const isSpare = performance.now() - this._replacedAt < SHORTEST_MS;
    const microphone = isSpare ? null : await Microphone.open().catch(() => null);
    if (this._call.isOver || me.microphone) {
      microphone?.close();
    } else if (microphone) {
      this._replacedAt = performance.now();
      await this._take(microphone, { isMuted });
      notices.show(say('devices.fell_back', { device: microphone.track.label || say('join.microphone') }), { stays: true });
    } else {
      notices.show(say('microphone.ended'), { stays: true });
    }
  }

  // Inside.

  _enable() {
    const { microphone, muted } = this._call.me;
    if (microphone) microphone.track.enabled = !muted;
  }

  /** It is off, and not by my own doing. */
  _silence() {
    this._saying = null;
    this.isHeldOpen = false;
    this._call.me.muted = true;
    this._enable();
    this._changed();
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
    this._changed();
  }

  _changed() {
    for (const take of this._watchers) take();
  }
}
