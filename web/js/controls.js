// The bar below: microphone, original voice, languages, link, leave.

import { byId, setIcon } from './dom.js';
import { fillMenu } from './languages.js';
import { remember } from './memory.js';
import { Microphone } from './microphone.js';
import { say } from './strings.js';

/** The controls of a call. Made once; `attach` gives them a call. */
export class Controls {
  constructor({ languages, notices }) {
    this._languages = languages;
    this._notices = notices;
    this._call = null;
    this._isMuted = false;
    byId('mute').onclick = () => this._toggleMicrophone();
    byId('original').onchange = ({ target }) => this._setOriginal(target.value);
    byId('languages').onclick = () => this._openLanguages();
    byId('change').onclose = () => this._changeLanguages();
    byId('copy').onclick = () => this._copyLink();
    byId('leave').onclick = () => this._call.leave();
    byId('hear-now').onclick = () => this._call.hearNow();
  }

  attach(call) {
    this._call = call;
    this._isMuted = false;
    byId('original').querySelector(`[value="${call.me.original}"]`).checked = true;
    this._watchMicrophone();
    this._showMicrophone();
  }

  // Microphone.

  async _toggleMicrophone() {
    if (!this._call.me.microphone) {
      await this._turnOn();
      return;
    }
    this._isMuted = !this._isMuted;
    this._call.setMuted(this._isMuted);
    this._showMicrophone();
  }

  async _turnOn() {
    try {
      const microphone = await Microphone.open();
      microphone.stopMeasuring();
      await this._call.setMicrophone(microphone);
    } catch (error) {
      this._notices.show(say(`microphone.${error.code ?? 'failed'}`));
      return;
    }
    this._isMuted = false;
    this._watchMicrophone();
    this._showMicrophone();
  }

  _watchMicrophone() {
    const track = this._call.me.microphone?.track;
    if (track) track.onended = () => this._notices.show(say('microphone.ended'), { stays: true });
  }

  _showMicrophone() {
    const button = byId('mute');
    const isOff = this._isMuted || !this._call.me.microphone;
    const word = !this._call.me.microphone ? 'controls.turn_on' : isOff ? 'controls.unmute' : 'controls.mute';
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

  _openLanguages() {
    const { speaking, listening } = this._call.me;
    byId('change-speak').replaceChildren();
    byId('change-hear').replaceChildren();
    fillMenu(byId('change-speak'), this._languages.speakOptions(), speaking);
    fillMenu(byId('change-hear'), this._languages.hearOptions(), listening);
    byId('change').returnValue = '';
    byId('change').showModal();
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
