// The lobby, from the side of who waits in it: a screen that says so, until a host has decided.

import { colourOf, initialOf } from '../base/avatar.js';
import { byId } from '../base/dom.js';
import { LanguageFields } from '../base/language_fields.js';
import { remember } from '../base/memory.js';
import { say } from '../base/strings.js';
import { LevelMeter } from './level_meter.js';

const MAINS = ['join', 'ended'];
// What can be translated may change while one waits.
const REFRESH_MS = 5000;

/** The screen. Made once; `show` gives it a call that waits. */
export class Waiting {
  /** `check` is the microphone's before the room; a call that begins again brings its own. */
  constructor({ roomId, languages, check }) {
    this._roomId = roomId;
    this._languages = languages;
    this._check = check;
    this._call = null;
    // What was on the screen before, to come back to.
    this._before = null;
    this._fields = new LanguageFields(languages, {
      speak: 'waiting-speak',
      hear: 'waiting-hear',
      onChange: (choice) => this._choose(choice),
    });
    byId('waiting-leave').onclick = () => this._call.leave();
    const meter = new LevelMeter(byId('waiting-level'), [byId('waiting-ring')]);
    check.watch({ show: () => this._microphoneChanged(), level: (level) => meter.show(level) });
  }

  /** Shows that a call waits, and as whom; again whenever the server says so. */
  show(call, { name, speaking_language: speaking, listening_language: listening }) {
    if (call !== this._call) call.on('error', ({ in_reply_to: request }) => this._refused(request));
    this._call = call;
    byId('waiting-name').textContent = say('lobby.name', { name });
    byId('waiting-avatar').replaceChildren(initialOf(name));
    byId('waiting-avatar').dataset.colour = colourOf(name);
    byId('waiting-speak-field').hidden = byId('speak-field').hidden;
    this._fields.fill({ speaking, listening });
    this._microphoneChanged();
    if (this._before) return;
    this._before = MAINS.map(byId).find((main) => !main.hidden) ?? byId('join');
    this._before.hidden = true;
    byId('waiting').hidden = false;
    byId('waiting-title').focus();
    document.title = say('lobby.page_title', { room: this._roomId });
    this._refresh = setInterval(() => this._refreshLanguages(), REFRESH_MS);
  }

  /** The wait is over: I am in, or am not let in and am back where I was. */
  hide({ isIn }) {
    if (!this._before) return;
    clearInterval(this._refresh);
    byId('waiting').hidden = true;
    this._before.hidden = isIn;
    this._before = null;
    this._call = null;
    document.title = say('app.room_title', { room: this._roomId });
  }

  _choose(choice) {
    const { speaking, listening } = { ...this._fields.value, ...choice };
    remember({ speaking, listening });
    this._call.setLanguages(speaking, listening);
  }

  /** The server would not have other languages: what holds is shown. */
  _refused(request) {
    if (this._call && request === 'set_languages') this._fields.fill(this._call.me);
  }

  async _refreshLanguages() {
    if (await this._languages.refresh()) this._fields.fill(this._fields.value);
  }

  /** A microphone that comes while I wait is the one that I come in with; one that goes is not. */
  _microphoneChanged() {
    if (!this._call) return;
    const { microphone, state } = this._check;
    if (state !== 'closed') this._call.me.microphone = microphone;
    const isOff = this._call.me.muted || !this._call.me.microphone;
    byId('waiting-level').hidden = isOff || !microphone;
    const words = say(isOff ? 'lobby.microphone_off' : 'lobby.microphone_on');
    if (byId('waiting-microphone').textContent !== words) byId('waiting-microphone').textContent = words;
  }
}
