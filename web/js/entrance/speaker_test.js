// Which loudspeaker plays, and a chime to hear whether it does.

import { byId } from '../base/dom.js';
import { say } from '../base/strings.js';
import { playChime } from '../sound/chime.js';
import { output, outputs, setOutput } from '../sound/outputs.js';

/** The menu (where the browser gives a choice) and the button. */
export class SpeakerTest {
  constructor() {
    this._isPlaying = false;
    byId('output').onchange = () => this._choose();
    byId('test-speaker').onclick = () => this._test();
  }

  /** Offers what there is now. */
  async show() {
    const devices = await outputs();
    const named = devices.map(({ deviceId, label }, index) => [
      deviceId,
      label || say('join.output_default', { number: index + 1 }),
    ]);
    const isSystemNamed = named.some(([id]) => id === 'default');
    const options = isSystemNamed ? named : [['', say('join.output_system')], ...named];
    byId('output').replaceChildren(...options.map(([id, label]) => new Option(label, id)));
    const chosen = output() || (isSystemNamed ? 'default' : '');
    // One that is away now plays by the system's meanwhile.
    byId('output').value = options.some(([id]) => id === chosen) ? chosen : options[0][0];
    byId('output-field').hidden = named.length === 0;
  }

  async _choose() {
    try {
      await setOutput(byId('output').value);
      this._say('');
    } catch {
      this._say('join.output_failed');
      await this.show();
    }
  }

  async _test() {
    if (this._isPlaying) return;
    this._isPlaying = true;
    byId('test-speaker').classList.add('is-playing');
    this._say('join.playing');
    try {
      await playChime();
      this._say('join.played');
    } catch {
      this._say('join.play_failed');
    } finally {
      this._isPlaying = false;
      byId('test-speaker').classList.remove('is-playing');
    }
  }

  _say(key) {
    byId('speaker-state').textContent = key ? say(key) : '';
  }
}
