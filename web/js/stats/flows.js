// What goes where: the microphone, and each slot in which something was sent, by the server's word and by the browser's.

import { make } from '../base/dom.js';
import { say } from '../base/strings.js';
import { NONE, ms, percent, rate } from './written.js';

// A slot in which nothing was sent for so long is not shown, in milliseconds.
const SHOWN = 10000;

/** The list of flows. */
export class Flows {
  constructor(list, { nameOf, languageOf }) {
    this._list = list;
    this._nameOf = nameOf;
    this._languageOf = languageOf;
    // By mid: what the server sent until its last word, how much a second, and when it last sent anything.
    this._sent = new Map();
  }

  /** Takes the server's word on all slots, at this moment (milliseconds). */
  take(slots, now) {
    for (const slot of slots) {
      const before = this._sent.get(slot.mid);
      const elapsed = before ? (now - before.at) / 1000 : 0;
      const packets = before ? slot.packets - before.slot.packets : 0;
      const isOn = packets > 0;
      this._sent.set(slot.mid, {
        slot,
        at: now,
        // Another connection counts anew.
        bitRate: elapsed > 0 && packets >= 0 ? (8 * (slot.octets - before.slot.octets)) / elapsed : null,
        packetRate: elapsed > 0 && packets >= 0 ? packets / elapsed : null,
        last: isOn ? slot : (before?.last ?? slot),
        movedAt: isOn || (slot.speaker_id && !before) ? now : (before?.movedAt ?? -Infinity),
      });
    }
  }

  clear() {
    this._sent.clear();
    this._list.replaceChildren();
  }

  /** Shows them with what the browser measures. */
  show({ up, lines }, now) {
    const flows = [];
    if (up) {
      flows.push(flow('up', say('stats.my_microphone'), '', [
        [say('stats.up'), rate(up.bitRate)], [say('stats.lost'), percent(up.lost)], [say('stats.jitter'), ms(up.jitter)],
      ]));
    }
    for (const [mid, sent] of this._sent) if (now - sent.movedAt < SHOWN) flows.push(this._slot(mid, sent, lines.get(mid)));
    this._list.replaceChildren(...flows);
  }

  _slot(mid, { slot, last, bitRate, packetRate }, line) {
    const { kind, speaker_id: speaker, language } = slot.speaker_id ? slot : last;
    const title = speaker ? this._nameOf(speaker) : say('stats.slot', { mid });
    const isVoice = kind === 'voice' && language;
    const what = isVoice ? say('stats.voice', { language: this._languageOf(language) }) : say('stats.floor');
    return flow(kind, title, `${what} · ${say('stats.slot', { mid })}`, [
      [say('stats.forwarded'), rate(bitRate)],
      [say('stats.packets'), packetRate === null ? NONE : say('stats.a_second', { value: Math.round(packetRate) })],
      [say('stats.down'), rate(line?.bitRate ?? null)],
      [say('stats.lost'), percent(line?.lost ?? null)],
      [say('stats.concealed'), percent(line?.concealed ?? null)],
      [say('stats.buffer'), ms(line?.buffer ?? null)],
    ]);
  }
}

function flow(kind, title, what, figures) {
  const pairs = figures.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value)));
  const head = make('h4', {}, make('bdi', {}, title), make('small', { class: 'quiet' }, what));
  return make('li', { 'data-flow': kind }, head, make('dl', {}, ...pairs));
}
