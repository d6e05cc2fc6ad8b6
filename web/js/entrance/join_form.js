// The form before the room: name, microphone with its level, languages.

import { colourOf, initialOf } from '../base/avatar.js';
import { byId, icon, setProblem } from '../base/dom.js';
import { Languages } from '../base/languages.js';
import { remember, remembered } from '../base/memory.js';
import { Microphone, microphones } from '../sound/microphone.js';
import { say } from '../base/strings.js';

// From this level on it is a voice rather than the room.
const HEARD = 0.45;
// What can be translated changes while engines start.
const REFRESH_MS = 5000;

/** Shows the form until somebody joins. */
export class JoinForm {
  /** `onJoin` gets { name, speaking, listening, microphone } and may throw what is to be shown. */
  constructor(roomId, languages, onJoin) {
    this._languages = languages;
    this._onJoin = onJoin;
    this._microphone = null;
    // Counts openings: a microphone that comes when another was asked for, or nobody waits any more, is given back.
    this._opening = 0;
    this._isHeard = false;
    // What was chosen here or on an earlier visit. It stays, whatever can be translated now.
    const { speaking, listening } = remembered();
    this._chosen = { speaking, listening };
    byId('join-room').textContent = say('join.room', { room: roomId });
    byId('join-form').onsubmit = (event) => this._submit(event);
    byId('name').value = remembered().name ?? '';
    byId('name').oninput = () => this._showAvatar();
    byId('speak').onchange = ({ target }) => this._choose({ speaking: target.value });
    byId('hear').onchange = ({ target }) => this._choose({ listening: target.value });
    byId('microphone').onchange = () => this._openMicrophone(byId('microphone').value);
    byId('microphone-again').onclick = () => this._openMicrophone();
    this._fillMenus();
    this._showAvatar();
  }

  async show() {
    byId('join').hidden = false;
    if (!byId('name').value) byId('name').focus();
    this._refresh = setInterval(() => this._refreshLanguages(), REFRESH_MS);
    await this._openMicrophone(remembered().microphone);
  }

  /** Goes away; `taken` is the microphone that was taken along, or null. Any other is given back. */
  hide(taken) {
    byId('join').hidden = true;
    clearInterval(this._refresh);
    cancelAnimationFrame(this._frame);
    this._opening += 1;
    taken?.stopMeasuring();
    if (this._microphone !== taken) this._microphone?.close();
    this._microphone = null;
  }

  // Languages.

  _fillMenus() {
    const preset = (options) => Languages.nearest(options, navigator.languages) ?? options[0][0];
    const speak = this._languages.speakOptions();
    const hear = this._languages.hearOptions();
    this._languages.fillMenu(byId('speak'), speak, this._chosen.speaking || preset(speak));
    this._languages.fillMenu(byId('hear'), hear, this._chosen.listening || preset(hear));
    this._showHints();
  }

  async _refreshLanguages() {
    if (await this._languages.refresh()) this._fillMenus();
  }

  _choose(choice) {
    Object.assign(this._chosen, choice);
    this._showHints();
  }

  _showHints() {
    const [speaking, listening] = [byId('speak').value, byId('hear').value];
    const untranslated = say('join.untranslated_hint', { language: this._languages.name(speaking) });
    const unreachable = say('join.unreachable_hint', { language: this._languages.name(listening) });
    byId('speak-hint').textContent = this._languages.isRecognised(speaking) ? '' : untranslated;
    byId('hear-hint').textContent =
      this._languages.isReachable(listening) || this._languages.isRecognised(listening) ? '' : unreachable;
  }

  // Microphone.

  async _openMicrophone(deviceId) {
    this._opening += 1;
    const opening = this._opening;
    this._microphone?.close();
    this._microphone = null;
    byId('microphone-state').textContent = say('join.asking');
    this._showProblem(null);
    try {
      const microphone = await Microphone.open(deviceId);
      if (opening === this._opening) await this._use(microphone);
      else microphone.close();
    } catch (error) {
      if (opening === this._opening) this._showProblem(error.code ?? 'failed');
    }
  }

  async _use(microphone) {
    this._microphone = microphone;
    // Another one may be there; if not, the form says so.
    microphone.track.onended = () => { if (this._microphone === microphone) this._openMicrophone(); };
    this._isHeard = false;
    byId('microphone-state').textContent = say('join.waiting_for_sound');
    await this._listMicrophones();
    if (this._microphone === microphone) this._measure();
  }

  async _listMicrophones() {
    const devices = await microphones();
    const options = devices.map(({ deviceId, label }, index) => [
      deviceId,
      label || say('join.microphone_default', { number: index + 1 }),
    ]);
    byId('microphone').replaceChildren(...options.map(([id, label]) => new Option(label, id)));
    byId('microphone').value = this._microphone?.deviceId ?? '';
  }

  _showProblem(code) {
    const problem = byId('microphone-problem');
    problem.hidden = code === null;
    problem.querySelector('p').textContent = code === null ? '' : say(`microphone.${code}`);
    byId('microphone-again').hidden = code === 'insecure';
    byId('microphone-state').hidden = code !== null;
    byId('microphone-field').hidden = code !== null;
    byId('level').hidden = code !== null;
    byId('go').textContent = say(code === null ? 'join.go' : 'join.listen');
    if (code !== null) byId('preview-ring').style.setProperty('--level', 0);
  }

  _measure() {
    const level = this._microphone.level();
    const percent = Math.round(level * 100);
    byId('level').style.setProperty('--level', level);
    byId('level').setAttribute('aria-valuenow', percent);
    byId('preview-ring').style.setProperty('--level', level);
    if (level > HEARD && !this._isHeard) {
      this._isHeard = true;
      byId('microphone-state').textContent = say('join.heard');
    }
    cancelAnimationFrame(this._frame);
    this._frame = requestAnimationFrame(() => this._microphone && this._measure());
  }

  // Joining.

  _showAvatar() {
    const name = byId('name').value.trim();
    byId('preview-avatar').replaceChildren(name ? initialOf(name) : icon('person'));
    byId('preview-avatar').dataset.colour = colourOf(name);
  }

  async _submit(event) {
    event.preventDefault();
    const name = byId('name').value.trim();
    setProblem(byId('name-problem'), name ? null : say('join.name_missing'));
    byId('name').setAttribute('aria-invalid', String(!name));
    if (!name) {
      byId('name').focus();
      return;
    }
    const choice = { name, speaking: byId('speak').value, listening: byId('hear').value };
    remember({ ...choice, microphone: this._microphone?.deviceId });
    await this._join({ ...choice, microphone: this._microphone });
  }

  async _join(choice) {
    const go = byId('go');
    const label = go.textContent;
    go.disabled = true;
    go.textContent = say('join.going');
    setProblem(byId('join-problem'), null);
    try {
      await this._onJoin(choice);
      this.hide(choice.microphone);
    } catch (error) {
      setProblem(byId('join-problem'), error.message);
    } finally {
      go.disabled = false;
      go.textContent = label;
    }
  }
}
