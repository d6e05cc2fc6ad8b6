// The dialog in which I change what I speak and hear, and whether in my own voice, in mid-call.

import { openDialog } from '../base/dialog.js';
import { byId } from '../base/dom.js';
import { remember } from '../base/memory.js';

/** The dialog, for one call. */
export class LanguagesDialog {
  /** `fields` are the two menus in it. */
  constructor(call, fields) {
    this._call = call;
    this._fields = fields;
    this._ownVoice = byId('change-own-voice');
    byId('languages').onclick = () => this._open();
  }

  /** Opens with what was offered last, and asks what is offered now. */
  async _open() {
    const { me } = this._call;
    this._fields.fill(me);
    this._ownVoice.checked = me.ownVoice ?? false;
    this._showOwnVoice();
    openDialog(byId('change'), { onClose: (answer) => { if (answer === 'save') this._save(); } });
    if (!(await this._call.refreshLanguages())) return;
    this._fields.fill(this._fields.value);
    this._showOwnVoice();
  }

  /** Offered where a synthesizer here can do it; and to whom it was given, so that it can be taken back. */
  _showOwnVoice() {
    byId('change-own-voice-field').hidden = !this._call.languages.ownVoice && !this._ownVoice.checked;
  }

  _save() {
    const { me } = this._call;
    const { speaking, listening } = this._fields.value;
    if (speaking !== me.speaking || listening !== me.listening) {
      remember({ speaking, listening });
      this._call.setLanguages(speaking, listening);
    }
    const ownVoice = this._ownVoice.checked;
    // Not remembered: consent is for this call.
    if (ownVoice !== (me.ownVoice ?? false)) this._call.setOwnVoice(ownVoice);
  }
}
