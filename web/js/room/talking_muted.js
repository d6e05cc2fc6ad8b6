// "You are muted": said to whoever talks while the others cannot hear it.

import { byId } from '../base/dom.js';
import { canOverhear, Murmur } from '../sound/murmur.js';

// The hint stays for so long after the last word, and does not come again sooner than this, in milliseconds.
const STAYS_MS = 4000;
const AGAIN_MS = 10_000;

/** The hint of one call. Listens only while I am muted and the page is in front. */
export class TalkingMuted {
  constructor(call) {
    this._call = call;
    this._hint = byId('talking-muted');
    this._murmur = null;
    // The track that is listened to, null while none is.
    this._track = null;
    this._heardAt = -Infinity;
    this._hiddenAt = -Infinity;
    this._reviewed = () => this._review();
    call.on('joined', this._reviewed);
    call.on('participant_updated', this._reviewed);
    call.microphone.onChange(this._reviewed);
    document.addEventListener('visibilitychange', this._reviewed);
    call.whenOver(() => {
      document.removeEventListener('visibilitychange', this._reviewed);
      this._listenTo(null);
    });
  }

  /** Listens, or not any more: by what is switched on and what the server says of me. */
  _review() {
    const { microphone, muted } = this._call.me;
    const isWanted = microphone && muted && this._call.info?.role !== 'listener' && !document.hidden;
    this._listenTo(isWanted && canOverhear() ? microphone.track : null);
  }

  _listenTo(track) {
    if (track === this._track) return;
    this._murmur?.close();
    this._track = track;
    this._murmur = track && new Murmur(track, { onLook: (isTalking) => this._looked(isTalking) });
    if (!track) this._show(false);
  }

  _looked(isTalking) {
    const now = performance.now();
    if (isTalking) this._heardAt = now;
    const isShown = !this._hint.hidden;
    if (isTalking && (isShown || now - this._hiddenAt > AGAIN_MS)) this._show(true);
    else if (isShown && now - this._heardAt > STAYS_MS) this._show(false);
  }

  _show(isShown) {
    if (this._hint.hidden === !isShown) return;
    this._hint.hidden = !isShown;
    if (!isShown) this._hiddenAt = performance.now();
    this._call.people.tile(this._call.participantId)?.element.classList.toggle('is-unheard', isShown);
  }
}
