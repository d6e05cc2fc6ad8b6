// What can be done about one person: how loud they are for me, and what others of the page's parts offer.

import { byId, make } from '../base/dom.js';
import { Popover } from '../base/popover.js';
import { say } from '../base/strings.js';
import { qualityInWords } from './tile.js';

/** The menu of a tile, one for all of a call. */
export class TileMenu {
  constructor(call) {
    this._call = call;
    this._panel = byId('person-menu');
    this._level = byId('person-volume');
    this._silence = byId('person-silence');
    // The tile that it is open for; the last one once it is closed.
    this._tile = null;
    this._popover = new Popover(this._panel);
    call.people.onMenu = (tile) => this._toggle(tile);
    this._level.oninput = () => this._setLevel();
    this._silence.onclick = () => this._toggleSilence();
    call.on('participant_updated', ({ participant: { participant_id: id } }) => this._changed(id));
    call.on('quality', () => this._changed());
    call.on('participant_left', ({ participant_id: id }) => { if (id === this._id) this._popover.close(); });
    // Whoever is not here any more after a loss has no button either.
    call.on('joined', () => this._popover.button?.isConnected || this._popover.close());
    call.whenOver(() => this._popover.close());
  }

  get _id() {
    return this._tile?.info.participant_id;
  }

  get _volumes() {
    return this._call.sound.volumes;
  }

  _toggle(tile) {
    this._tile = tile;
    this._show();
    this._popover.toggle(tile.button);
  }

  _changed(id) {
    if (this._popover.button && (id === undefined || id === this._id)) this._show();
  }

  _show() {
    const { info, quality } = this._tile;
    byId('person-name').textContent = info.name;
    byId('person-quality').textContent = qualityInWords(quality);
    byId('person-quality').hidden = !qualityInWords(quality);
    this._showSound();
    this._showActions(info);
  }

  _showSound() {
    const isMe = this._id === this._call.participantId;
    const { level, isSilenced } = this._volumes.person(this._id);
    const percent = Math.round(level * 100);
    byId('person-sound').hidden = isMe;
    byId('person-level').hidden = !this._call.sound.slots.takesVolume;
    this._level.value = percent;
    this._level.setAttribute('aria-valuetext', say('people.percent', { percent }));
    byId('person-percent').textContent = say('people.percent', { percent });
    this._level.disabled = isSilenced;
    this._silence.setAttribute('aria-checked', String(isSilenced));
  }

  /** Those of its buttons that stay keep the focus. */
  _showActions(info) {
    const list = byId('person-actions');
    const had = [...list.children].indexOf(document.activeElement);
    const buttons = this._call.people.actionsFor(info).map((action) => this._makeButton(action, info));
    list.replaceChildren(...buttons);
    list.hidden = buttons.length === 0;
    if (had >= 0) (buttons[Math.min(had, buttons.length - 1)] ?? this._silence).focus();
  }

  _makeButton({ label, run, isDanger }, info) {
    const words = typeof label === 'function' ? label(info) : label;
    const button = make('button', { type: 'button', class: isDanger ? 'entry danger' : 'entry' }, words);
    button.onclick = () => {
      const { button: opener } = this._popover;
      this._popover.close();
      opener?.focus({ preventScroll: true });
      run(info);
    };
    return button;
  }

  _setLevel() {
    this._volumes.setPerson(this._id, { level: this._level.value / 100 });
    this._showSound();
  }

  _toggleSilence() {
    const isSilenced = !this._volumes.person(this._id).isSilenced;
    this._volumes.setPerson(this._id, { isSilenced });
    this._tile.silence(isSilenced);
    this._showSound();
  }
}
