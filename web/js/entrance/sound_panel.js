// The form's side for sound: whether I come with a microphone, which one, and whether it and the loudspeaker work.

import { byId } from '../base/dom.js';
import { remember, remembered } from '../base/memory.js';
import { say } from '../base/strings.js';
import { LevelMeter } from './level_meter.js';
import { SpeakerTest } from './speaker_test.js';
import { troubleWords } from './trouble.js';

// With a microphone that is on, with one that is off, without one.
const MODES = ['on', 'off', 'none'];
// Nothing here can be done about these.
const HOPELESS = new Set(['insecure']);
// The width from which there is room for all devices at once.
const WIDE = '(min-width: 52rem)';

/** Shows a MicrophoneCheck, and asks it for what somebody wants. */
export class SoundPanel {
  /** `isListener`: my invitation does not let me speak. `onChange()` is called when what I come with has changed. */
  constructor(check, { isListener, onChange }) {
    this._check = check;
    this._isListener = isListener;
    this._onChange = onChange;
    this._speaker = new SpeakerTest();
    const wanted = remembered().microphoneMode;
    this.mode = isListener ? 'none' : MODES.includes(wanted) ? wanted : 'on';
    const meter = new LevelMeter(byId('level'), [byId('preview-ring')]);
    check.watch({ show: () => this._show(), level: (level) => meter.show(level) });
    byId('microphone-mode').hidden = isListener;
    byId('microphone-mode').querySelector(`[value="${this.mode}"]`).checked = true;
    byId('microphone-mode').onchange = ({ target }) => this._setMode(target.value);
    byId('microphone').onchange = () => this._openChosen();
    byId('microphone-again').onclick = () => check.open(remembered().microphone);
    byId('devices').open = window.matchMedia(WIDE).matches;
  }

  /** Opens what was used last time, unless no microphone is wanted. */
  async start() {
    this._check.setOff(this.mode === 'off');
    this._speaker.show();
    if (this.mode === 'none') this._show();
    else await this._check.open(remembered().microphone);
  }

  /** Whether I am heard as soon as I am in, as far as is known now. */
  get isListening() {
    return this.mode === 'none' || this._check.state === 'trouble';
  }

  _setMode(mode) {
    this.mode = mode;
    remember({ microphoneMode: mode });
    this._check.setOff(mode === 'off');
    if (mode === 'none') this._check.close();
    else if (!this._check.microphone && this._check.state !== 'asking') this._check.open(remembered().microphone);
    this._show();
  }

  _openChosen() {
    remember({ microphone: byId('microphone').value });
    this._check.open(byId('microphone').value);
  }

  // What is seen.

  _show() {
    const { state, trouble, isDead, devices } = this._check;
    const isWanted = this.mode !== 'none';
    const words = trouble ? troubleWords(trouble) : isDead ? say('microphone.dead') : '';
    this._setWords(byId('microphone-problem').querySelector('p'), words);
    byId('microphone-problem').hidden = !isWanted || words === '';
    byId('microphone-again').hidden = !trouble || HOPELESS.has(trouble);
    byId('level').hidden = !isWanted || this.mode === 'off' || state === 'trouble';
    this._setWords(byId('microphone-state'), this._stateWords());
    byId('microphone-field').hidden = !isWanted || devices.length === 0;
    this._listDevices();
    this._onChange();
  }

  _stateWords() {
    if (this._isListener) return say('join.listener');
    if (this.mode === 'none') return say('join.without');
    if (this._check.trouble) return say('join.meanwhile');
    if (this._check.state !== 'open') return say('join.asking');
    if (this._check.isDead) return '';
    if (this.mode === 'off') return say('join.off');
    return say(this._check.isHeard ? 'join.heard' : 'join.waiting_for_sound');
  }

  _listDevices() {
    const { devices, microphone } = this._check;
    const options = devices.map(({ deviceId, label }, index) => [
      deviceId,
      label || say('join.microphone_default', { number: index + 1 }),
    ]);
    const menu = byId('microphone');
    const isSame = JSON.stringify(options) === JSON.stringify([...menu.options].map(({ value, text }) => [value, text]));
    if (!isSame) {
      menu.replaceChildren(...options.map(([id, label]) => new Option(label, id)));
      // Loudspeakers have names as soon as microphones do.
      this._speaker.show();
    }
    if (microphone?.deviceId) menu.value = microphone.deviceId;
  }

  /** Written only when it changes: it is read out. */
  _setWords(element, words) {
    if (element.textContent !== words) element.textContent = words;
  }
}
