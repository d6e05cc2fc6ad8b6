// Who waits in the lobby, with what they speak and hear and for how long, and the two answers.

import { make } from '../base/dom.js';
import { AUTO } from '../base/languages.js';
import { locale, say, sayCount } from '../base/strings.js';
import { serverNow } from '../wire/server_clock.js';
import { Rows, write } from './rows.js';

const MINUTE_MS = 60_000;

/** The section of the panel. */
export class GuestList {
  constructor(hosting, call) {
    this._hosting = hosting;
    this._languages = call.languages;
    this._ago = new Intl.RelativeTimeFormat(locale(), { style: 'short', numeric: 'always' });
    this._rows = new Rows('guest', {
      build: (id) => this._buttons(id),
      fill: (row, guest) => this._fill(row, guest),
    });
    this._title = make('h3', {});
    this._all = make('button', { type: 'button', class: 'button small', id: 'admit-all' }, say('hosting.admit_all'));
    this._all.onclick = () => hosting.admitAll();
    this.element = make('section', { class: 'knocking' }, make('div', { class: 'head' }, this._title, this._all), this._rows.element);
  }

  show() {
    const { waiting } = this._hosting;
    this.element.hidden = waiting.length === 0;
    this._all.hidden = waiting.length < 2;
    write(this._title, sayCount('hosting.knock', waiting.length));
    this._rows.show(waiting);
  }

  /** They have waited longer by now. */
  showTimes() {
    this._rows.show(this._hosting.waiting);
  }

  _buttons(id) {
    const deny = make('button', { type: 'button', class: 'button small' }, say('hosting.deny'));
    const admit = make('button', { type: 'button', class: 'button small primary' }, say('hosting.admit'));
    deny.onclick = () => this._hosting.deny(id);
    admit.onclick = () => this._hosting.admit(id);
    return [make('span', { class: 'answers' }, deny, admit)];
  }

  _fill(row, guest) {
    write(row.querySelector('.whom small'), `${this._inLanguages(guest)} · ${this._since(guest.since_ms)}`);
    const [deny, admit] = row.querySelectorAll('button');
    deny.setAttribute('aria-label', say('hosting.deny_whom', { name: guest.name }));
    admit.setAttribute('aria-label', say('hosting.admit_whom', { name: guest.name }));
  }

  _inLanguages({ speaking_language: speaking, listening_language: listening }) {
    const spoken = speaking === AUTO ? say('call.auto') : this._languages.nameWithin(speaking);
    return `${say('call.speaks', { language: spoken })} · ${say('call.hears', { language: this._languages.nameWithin(listening) })}`;
  }

  _since(then) {
    const minutes = Math.floor((serverNow() - then) / MINUTE_MS);
    return minutes < 1 ? say('hosting.just_now') : this._ago.format(-minutes, 'minute');
  }
}
