// The slots: one <audio> element each, and whose sound it carries. Elements, not Web Audio, so that the browser's echo
// canceller knows what is played.

import { make } from '../base/dom.js';

// How loud a translated speaker's own voice is under the translation when the original is set to low.
const LOW = 0.15;

/** All slots of a call. */
export class Slots {
  /** `parent` holds the elements; `onBlocked` is called when the browser wants a tap before it plays. */
  constructor(parent, { original, onBlocked }) {
    this._parent = parent;
    this._original = original;
    this._onBlocked = onBlocked;
    // mid -> { audio, kind, speaker }
    this._slots = new Map();
    // Speakers whose voice sounds now.
    this._ducked = new Set();
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
    this._setVolumes();
  }

  /** A speaker's voice begins, or has ended. */
  duck(speaker, isDucked) {
    if (isDucked) this._ducked.add(speaker);
    else this._ducked.delete(speaker);
    this._setVolumes();
  }

  setOriginal(original) {
    this._original = original;
    this._setVolumes();
  }

  /** Gives the speakers whose translated voice has a slot now. */
  voices() {
    return new Set([...this._slots.values()].filter(({ kind }) => kind === 'voice').map(({ speaker }) => speaker));
  }

  /** Plays everything; to be called from a tap. */
  playAll() {
    for (const { audio } of this._slots.values()) this._play(audio);
  }

  /** Forgets what the m-lines carry, to be told anew; they go on playing. */
  reset() {
    this._ducked.clear();
    for (const mid of this._slots.keys()) this.change({ mid, kind: 'none' });
  }

  close() {
    for (const { audio } of this._slots.values()) {
      audio.srcObject = null;
      audio.remove();
    }
    this._slots.clear();
  }

  _slot(mid) {
    let slot = this._slots.get(mid);
    if (!slot) {
      slot = { audio: make('audio', { autoplay: '', playsinline: '', 'data-mid': mid }), kind: 'none', speaker: null };
      this._parent.append(slot.audio);
      this._slots.set(mid, slot);
    }
    return slot;
  }

  async _play(audio) {
    try {
      await audio.play();
    } catch (error) {
      if (error.name === 'NotAllowedError') this._onBlocked();
      else if (error.name !== 'AbortError') throw error;
    }
  }

  _setVolumes() {
    for (const { audio, kind, speaker } of this._slots.values()) {
      const isLow = kind === 'floor' && this._original === 'low' && this._ducked.has(speaker);
      audio.volume = isLow ? LOW : 1;
    }
  }
}
