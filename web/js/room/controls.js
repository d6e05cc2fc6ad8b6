// The bar below: microphone, original voice, languages, link, leave.

import { byId, setIcon } from '../base/dom.js';
import { remember } from '../base/memory.js';
import { Microphone } from '../sound/microphone.js';
import { say } from '../base/strings.js';

/** The controls of a call. Made once; `attach` gives them a call. */
export class Controls {
  constructor({ languages, notices }) {
    this._languages = languages;
    this._notices = notices;
    this._call = null;
    // While the browser asks for the microphone.
    this._isTurningOn = false;
    byId('mute').onclick = () => this._toggleMicrophone();
    byId('original').onchange = ({ target }) => this._setOriginal(target.value);
    byId('languages').onclick = () => this._openLanguages();
    byId('change').onclose = () => this._changeLanguages();
    byId('copy').onclick = () => this._copyLink();
    byId('leave').onclick = () => this._call.leave();
    byId('hear-now').onclick = () => this._call.sound.hearNow();
  }

  attach(call) {
    this._call = call;
    call.microphone.onSilenced = () => this._showMicrophone();
    byId('original').querySelector(`[value="${call.me.original}"]`).checked = true;
    this._watchMicrophone();
    this._showMicrophone();
  }

  // Microphone.

  async _toggleMicrophone() {
    if (this._call.me.microphone) {
      this._call.microphone.setMuted(!this._call.me.muted);
      this._showMicrophone();
      return;
    }
    if (this._isTurningOn) return;
    this._isTurningOn = true;
    await this._turnOn(this._call);
    this._isTurningOn = false;
  }

  async _turnOn(call) {
    let microphone = null;
    try {
      microphone = await Microphone.open();
      microphone.stopMeasuring();
      await call.microphone.take(microphone);
    } catch (error) {
      microphone?.close();
      if (!call.isOver) this._notices.show(say(`microphone.${error.code ?? 'failed'}`));
    }
    if (call !== this._call || call.isOver) return;
    this._watchMicrophone();
    this._showMicrophone();
  }

  _watchMicrophone() {
    const track = this._call.me.microphone?.track;
    if (!track) return;
    if (track.readyState === 'ended') this._loseMicrophone();
    else track.onended = () => this._loseMicrophone();
  }

  /** The device is unplugged, or the permission taken back. */
  _loseMicrophone() {
    this._call.microphone.lose();
    this._showMicrophone();
    this._notices.show(say('microphone.ended'), { stays: true });
  }

  _showMicrophone() {
    const button = byId('mute');
    const { microphone, muted } = this._call.me;
    const isOff = muted || !microphone;
    const word = !microphone ? 'controls.turn_on' : isOff ? 'controls.unmute' : 'controls.mute';
    setIcon(button, isOff ? 'mic-off' : 'mic');
    button.querySelector('span').textContent = say(word);
    button.classList.toggle('is-off', isOff);
    // The label says what a press does, so the state is not announced a second time.
    button.removeAttribute('aria-pressed');
  }

  // Original and languages.

  _setOriginal(original) {
    remember({ original });
    this._call.setOriginal(original);
  }

  /** Opens with what was offered last, and asks what is offered now. */
  async _openLanguages() {
    this._fillLanguages(this._call.me);
    byId('change').returnValue = '';
    byId('change').showModal();
    if (!(await this._call.refreshLanguages())) return;
    this._fillLanguages({ speaking: byId('change-speak').value, listening: byId('change-hear').value });
  }

  _fillLanguages({ speaking, listening }) {
    this._languages.fillMenu(byId('change-speak'), this._languages.speakOptions(), speaking);
    this._languages.fillMenu(byId('change-hear'), this._languages.hearOptions(), listening);
  }

  _changeLanguages() {
    if (byId('change').returnValue !== 'save') return;
    const [speaking, listening] = [byId('change-speak').value, byId('change-hear').value];
    remember({ speaking, listening });
    this._call.setLanguages(speaking, listening);
  }

  // Link.

  async _copyLink() {
    const link = `${location.origin}${location.pathname}`;
    try {
      await navigator.clipboard.writeText(link);
      this._notices.show(say('controls.copied'));
    } catch {
      this._notices.show(say('controls.copy_failed', { link }), { stays: true });
    }
  }
}
