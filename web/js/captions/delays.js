// How late translations come now: small in the heading, in whole sentences below it.

import { make } from '../base/dom.js';
import { base } from '../base/languages.js';
import { say, seconds } from '../base/strings.js';

/** The present delay of each pair of languages that I hear or read. */
export class Delays {
  /** `button` shows the first one in few words, `list` all of them in sentences. */
  constructor(button, list, languages) {
    this._button = button;
    this._list = list;
    this._languages = languages;
    this.show([]);
  }

  /** Shows `delays` of the server's message of that name. */
  show(delays) {
    const known = delays.filter((delay) => late(delay) !== null).sort((a, b) => late(b) - late(a));
    this._button.hidden = known.length === 0;
    if (known.length === 0) return;
    const [{ source, target }] = known;
    const values = { source: this._languages.name(source), target: this._languages.name(target) };
    const time = seconds(late(known[0]), 1);
    const full = `${say('captions.pair', values)} · `;
    const codes = { source: base(source).toUpperCase(), target: base(target).toUpperCase() };
    const short = `${say('captions.pair', codes)} · `;
    const more = known.length > 1 ? ` +${known.length - 1}` : '';
    const piece = (name, text) => make('span', { class: name, 'aria-hidden': 'true' }, text);
    this._button.replaceChildren(piece('full', full), piece('short', short), piece('time', time), piece('more', more));
    const sentences = known.map((delay) => this._sentence(delay));
    this._button.title = `${sentences.join('\n')}\n${say('captions.delay_meaning')}`;
    this._button.setAttribute('aria-label', `${say('captions.delays')}: ${full}${time}`);
    this._list.replaceChildren(...sentences.map((sentence) => make('li', {}, sentence)));
  }

  _sentence({ source, target, voice_ms: voice, caption_ms: caption }) {
    const known = voice === null ? 'captions.delay_caption' : caption === null ? 'captions.delay_voice' : 'captions.delay_both';
    return say(known, {
      source: this._languages.name(source),
      target: this._languages.name(target),
      voice: seconds(voice ?? 0, 1),
      caption: seconds(caption ?? 0, 1),
    });
  }
}

/** What somebody notices: how late the voice is, or where there is none the text. Null: nothing is known. */
function late({ voice_ms: voice, caption_ms: caption }) {
  return voice ?? caption ?? null;
}
