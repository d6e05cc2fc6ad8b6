// The slots: one <audio> element each, and whose sound it carries. Elements, not Web Audio, so that the browser's echo
// canceller knows what is played.

import { make } from '../base/dom.js';
import { Fade, isVolumeTaken } from './fade.js';
import { useOutput } from './outputs.js';

// Before an element that was stopped by something else than this page plays again, in milliseconds.
const AGAIN_MS = 250;

/** All slots of a call. */
export class Slots {
  /** `parent` holds the elements, `volumes` says how loud they are; `onBlocked` is called when the browser wants a tap before it plays. */
  constructor(parent, { volumes, onBlocked }) {
    this._parent = parent;
    this._volumes = volumes;
    this._onBlocked = onBlocked;
    // mid -> { audio, fade, kind, speaker }
    this._slots = new Map();
    // Whether elements take the volume they are given; so it is thought until it has been tried.
    this._takesVolume = true;
    volumes.onChange = () => this._setVolumes();
    this._tryVolume();
  }

  /** Begins to play an m-line. */
  attach(mid, track) {
    const slot = this._slot(mid);
    slot.audio.srcObject = new MediaStream([track]);
    this._play(slot.audio);
  }

  /** Takes a `slot` event: what the m-line carries from now on. */
  change({ mid, kind, speaker_id: speaker, language }) {
    const slot = this._slot(mid);
    Object.assign(slot, { kind, speaker: speaker ?? null });
    Object.assign(slot.audio.dataset, { kind, speaker: speaker ?? '', language: language ?? '' });
    // Somebody else is heard from here on: there is nothing to fade from. What ends keeps its volume, for its last sound
    // may still be on the way.
    if (kind !== 'none') slot.fade.set(this._volumes.of(slot));
  }

  /** Whether volumes can be set here; if not, sounds are in full or silent. */
  get takesVolume() {
    return this._takesVolume;
  }

  /** Whether an m-line's sound is played. */
  isPlaying(mid) {
    const audio = this._slots.get(mid)?.audio;
    return Boolean(audio && !audio.paused);
  }

  /** Gives the speakers whose translated voice has a slot now. */
  voices() {
    return new Set([...this._slots.values()].filter(({ kind }) => kind === 'voice').map(({ speaker }) => speaker));
  }

  /** Plays everything; what may need a tap is to be called from one. Gives whether all of it plays. */
  async playAll() {
    const silent = [...this._slots.values()].filter(({ audio }) => audio.paused);
    return (await Promise.all(silent.map(({ audio }) => this._play(audio)))).every(Boolean);
  }

  /** Forgets what the m-lines carry, to be told anew; they go on playing. */
  reset() {
    this._volumes.reset();
    for (const mid of this._slots.keys()) this.change({ mid, kind: 'none' });
  }

  close() {
    for (const { audio, fade } of this._slots.values()) {
      fade.stop();
      audio.srcObject = null;
      audio.remove();
    }
    this._slots.clear();
  }

  _slot(mid) {
    let slot = this._slots.get(mid);
    if (!slot) {
      const audio = make('audio', { autoplay: '', playsinline: '', 'data-mid': mid });
      slot = { audio, fade: new Fade(audio), kind: 'none', speaker: null };
      if (!this._takesVolume) slot.fade.onlyMute();
      audio.addEventListener('pause', () => setTimeout(() => this._resume(audio), AGAIN_MS));
      this._parent.append(audio);
      this._slots.set(mid, slot);
      useOutput(audio);
    }
    return slot;
  }

  /** Phones stop what plays when somebody calls, some browsers when headphones are unplugged. */
  _resume(audio) {
    if (audio.isConnected && audio.paused && audio.srcObject?.active && !document.hidden) this._play(audio);
  }

  /** Gives whether it plays. */
  async _play(audio) {
    try {
      await audio.play();
      return true;
    } catch (error) {
      if (error.name === 'AbortError') return true; // another track came meanwhile, and plays by itself
      if (error.name !== 'NotAllowedError') throw error;
      this._onBlocked();
      return false;
    }
  }

  async _tryVolume() {
    this._takesVolume = await isVolumeTaken();
    if (this._takesVolume) return;
    for (const { fade } of this._slots.values()) fade.onlyMute();
  }

  _setVolumes() {
    for (const slot of this._slots.values()) if (slot.kind !== 'none') slot.fade.to(this._volumes.of(slot));
  }
}
