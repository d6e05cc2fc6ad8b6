// The dialog for the microphone and the loudspeaker, in mid-call: which, and whether they work.

import { openDialog } from '../base/dialog.js';
import { byId, setProblem } from '../base/dom.js';
import { remember } from '../base/memory.js';
import { say } from '../base/strings.js';
import { playChime } from '../sound/chime.js';
import { Microphone, microphones } from '../sound/microphone.js';
import { canChooseOutput, output, outputs, setOutput } from '../sound/outputs.js';

// From this level on it is a voice rather than the room.
const HEARD = 0.45;

/** The dialog, for one call. */
export class DevicesDialog {
  constructor(call) {
    this._call = call;
    this._dialog = byId('devices-dialog');
    // A copy of the microphone's sound, to measure: it is on though the others hear nothing of who is muted.
    this._probe = null;
    byId('open-devices').onclick = () => this.open();
    byId('device-microphone').onchange = ({ target }) => this._chooseMicrophone(target.value);
    byId('device-speaker').onchange = ({ target }) => this._chooseSpeaker(target.value);
    byId('device-test').onclick = () => this._test();
    call.microphone.onChange(() => { if (this._dialog.open) this._renew(); });
    this._changed = () => { if (this._dialog.open) this._renew(); };
    navigator.mediaDevices?.addEventListener?.('devicechange', this._changed);
    call.whenOver(() => {
      navigator.mediaDevices?.removeEventListener?.('devicechange', this._changed);
      if (this._dialog.open) this._dialog.close('');
    });
  }

  open() {
    setProblem(byId('device-problem'), null);
    openDialog(this._dialog, { onClose: () => this._stopMeasuring() });
    this._renew();
  }

  async _renew() {
    const [inputs, loudspeakers] = [await microphones(), await outputs()];
    if (!this._dialog.open) return;
    const { microphone } = this._call.me;
    const off = microphone ? [] : [['', say('devices.no_microphone')]];
    fill(byId('device-microphone'), [...off, ...inputs.map(named)], microphone?.deviceId ?? '');
    byId('device-speaker-field').hidden = !canChooseOutput() || loudspeakers.length === 0;
    const hasDefault = loudspeakers.some(({ deviceId }) => deviceId === 'default');
    const system = hasDefault ? [] : [['', say('devices.system')]];
    const isThere = loudspeakers.some(({ deviceId }) => deviceId === output());
    fill(byId('device-speaker'), [...system, ...loudspeakers.map(named)], isThere ? output() : hasDefault ? 'default' : '');
    this._startMeasuring();
  }

  // The microphone.

  async _chooseMicrophone(deviceId) {
    if (!deviceId) return;
    setProblem(byId('device-problem'), null);
    try {
      await this._call.microphone.change(deviceId);
      remember({ microphone: deviceId });
    } catch (error) {
      setProblem(byId('device-problem'), say(`microphone.${error.code ?? 'failed'}`));
      this._renew();
    }
  }

  _startMeasuring() {
    const { microphone } = this._call.me;
    if (this._probe?.of === microphone && microphone) return;
    this._stopMeasuring();
    byId('device-level').hidden = !microphone;
    byId('device-state').textContent = microphone ? say('join.waiting_for_sound') : '';
    if (!microphone) return;
    const track = microphone.track.clone();
    track.enabled = true;
    this._probe = { of: microphone, copy: new Microphone(new MediaStream([track])), isHeard: false, frame: 0 };
    this._measure(this._probe);
  }

  _measure(probe) {
    if (probe !== this._probe) return;
    const { level } = probe.copy.measure();
    byId('device-level').style.setProperty('--level', level.toFixed(2));
    byId('device-level').setAttribute('aria-valuenow', Math.round(level * 100));
    if (level > HEARD && !probe.isHeard) {
      probe.isHeard = true;
      byId('device-state').textContent = say(this._call.me.muted ? 'devices.heard_muted' : 'join.heard');
    }
    probe.frame = requestAnimationFrame(() => this._measure(probe));
  }

  _stopMeasuring() {
    if (!this._probe) return;
    cancelAnimationFrame(this._probe.frame);
    this._probe.copy.close();
    this._probe = null;
  }

  // The loudspeaker.

  async _chooseSpeaker(deviceId) {
    setProblem(byId('device-problem'), null);
    try {
      await setOutput(deviceId);
    } catch {
      setProblem(byId('device-problem'), say('devices.speaker_failed'));
      this._renew();
    }
  }

  async _test() {
    const button = byId('device-test');
    if (button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    setProblem(byId('device-problem'), null);
    try {
      await playChime();
    } catch {
      setProblem(byId('device-problem'), say('devices.speaker_failed'));
    } finally {
      button.removeAttribute('aria-busy');
    }
  }
}

function named({ deviceId, label }, index) {
  return [deviceId, label || say('devices.numbered', { number: index + 1 })];
}

function fill(select, options, chosen) {
  select.replaceChildren(...options.map(([id, label]) => new Option(label, id)));
  select.value = options.some(([id]) => id === chosen) ? chosen : options[0]?.[0] ?? '';
}
