// Microphones and loudspeakers that come and go during a call: what is plugged in is offered, what is pulled out is told.

import { say } from '../base/strings.js';
import { remember } from '../base/memory.js';
import { output, setOutput } from '../sound/outputs.js';

// A headset comes as several devices, and each of them as several events.
const SETTLED_MS = 400;
// What the browser lists beside the devices themselves.
const ALIASES = new Set(['', 'default', 'communications']);

async function present() {
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter(({ kind, deviceId }) => kind.startsWith('audio') && !ALIASES.has(deviceId));
}

function keyOf({ kind, deviceId }) {
  return `${kind} ${deviceId}`;
}

/** Watches, for one call. */
export class Devices {
  constructor(call) {
    if (!navigator.mediaDevices?.enumerateDevices) return;
    this._call = call;
    // By kind and id; null until they were listed once.
    this._known = null;
    this._timer = null;
    const changed = () => {
      clearTimeout(this._timer);
      this._timer = setTimeout(() => this._look(), SETTLED_MS);
    };
    navigator.mediaDevices.addEventListener('devicechange', changed);
    call.whenOver(() => {
      clearTimeout(this._timer);
      navigator.mediaDevices.removeEventListener('devicechange', changed);
    });
    // Names, without which nothing can be offered, come with the permission.
    call.microphone.onChange(() => { if (call.me.microphone && !this._isNamed) this._look({ isQuiet: true }); });
    this._look({ isQuiet: true });
  }

  get _isNamed() {
    return [...(this._known?.values() ?? [])].some(({ label }) => label);
  }

  async _look({ isQuiet = false } = {}) {
    const devices = await present().catch(() => null);
    if (!devices || this._call.isOver) return;
    const before = this._known;
    this._known = new Map(devices.map((device) => [keyOf(device), device]));
    if (isQuiet || !before) return;
    this._offer(devices.filter((device) => device.label && !before.has(keyOf(device))));
    for (const [key, device] of before) if (!this._known.has(key)) this._gone(device);
  }

  /** One notice for what belongs together: a headset's microphone and its loudspeaker. */
  _offer(devices) {
    const groups = new Map();
    for (const device of devices) {
      if (device.kind === 'audioinput' && device.deviceId === this._call.me.microphone?.deviceId) continue;
      const group = device.groupId || device.deviceId;
      groups.set(group, [...(groups.get(group) ?? []), device]);
    }
    for (const group of groups.values()) {
      this._call.notices.show(say('devices.plugged_in', { device: group[0].label }), {
        action: { label: say('devices.use'), run: () => this._use(group) },
      });
    }
  }

  async _use(group) {
    const input = group.find(({ kind }) => kind === 'audioinput');
    const loudspeaker = group.find(({ kind }) => kind === 'audiooutput');
    try {
      if (input) {
        await this._call.microphone.change(input.deviceId);
        remember({ microphone: input.deviceId });
      }
      if (loudspeaker) await setOutput(loudspeaker.deviceId);
    } catch {
      if (!this._call.isOver) this._call.notices.show(say('devices.not_used', { device: group[0].label }));
    }
  }

  /** A microphone in use says so by itself; the loudspeaker's sound goes to the system's own one. */
  _gone({ kind, deviceId, label }) {
    if (kind !== 'audiooutput' || deviceId !== output()) return;
    this._call.notices.show(say('devices.speaker_gone', { device: label || say('devices.speaker') }), { stays: true });
  }
}
