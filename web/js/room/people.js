// Who is here: one tile a participant.

import { colourOf, initialOf } from '../base/avatar.js';
import { icon, make } from '../base/dom.js';
import { AUTO, base } from '../base/languages.js';
import { say } from '../base/strings.js';

// Names of people who left, for what they said last; when there are more, the oldest goes.
const KEPT = 500;

/** The tiles of a call. */
export class People {
  constructor(list, { languages, onCount }) {
    this._list = list;
    this._languages = languages;
    this._onCount = onCount;
    this._me = null;
    // id -> { info, tile }
    this._people = new Map();
    // id -> name; who left longest ago first.
    this._gone = new Map();
    this._talking = new Set();
    this._translated = new Set();
  }

  /** Adds somebody, or shows what changed about them. */
  put(info) {
    const known = this._people.get(info.participant_id);
    const tile = known?.tile ?? this._makeTile(info.participant_id);
    this._people.set(info.participant_id, { info, tile });
    if (!known) {
      if (info.participant_id === this._me) this._list.prepend(tile);
      else this._list.append(tile);
    }
    this._show(info, tile);
    if (info.participant_id === this._me) this.showAll();
    this._onCount(this._people.size);
  }

  remove(id) {
    const known = this._people.get(id);
    if (!known) return;
    known.tile.remove();
    this._people.delete(id);
    this._gone.delete(id);
    this._gone.set(id, known.info.name);
    if (this._gone.size > KEPT) this._gone.delete(this._gone.keys().next().value);
    this._onCount(this._people.size);
  }

  /** Shows these people, of whom `me` is one, and nobody else: what was not told meanwhile is in there. */
  renew(me, everybody) {
    this._me = me;
    this._talking.clear();
    this._translated.clear();
    const here = new Set(everybody.map((info) => info.participant_id));
    for (const id of [...this._people.keys()]) if (!here.has(id)) this.remove(id);
    for (const info of everybody) this.put(info);
  }

  get(id) {
    return this._people.get(id)?.info;
  }

  /** Names somebody who is here or was. */
  nameOf(id) {
    return this.get(id)?.name ?? this._gone.get(id);
  }

  setTalking(ids) {
    this._talking = new Set(ids);
    this.showAll();
  }

  /** Says whose voice is heard in translation now. */
  setTranslated(ids) {
    this._translated = new Set(ids);
    this.showAll();
  }

  /** Shows everybody anew, with what is known now. */
  showAll() {
    for (const { info, tile } of this._people.values()) this._show(info, tile);
  }

  clear() {
    this._people.clear();
    this._gone.clear();
    this._list.replaceChildren();
  }

  _makeTile(id) {
    return make(
      'li',
      { class: 'person', 'data-participant': id, 'data-colour': colourOf(id) },
      make(
        'span',
        { class: 'face' },
        make('span', { class: 'avatar', 'aria-hidden': 'true' }),
        make('span', { class: 'sign talking' }, make('i', {}), make('i', {}), make('i', {})),
        make('span', { class: 'sign muted' }, icon('mic-off')),
        make('span', { class: 'sign away' }, icon('away')),
      ),
      make('span', { class: 'name', dir: 'auto' }),
      make('span', { class: 'speaks' }),
      make('span', { class: 'hears' }),
      make('span', { class: 'sign translated' }, icon('languages'), make('span', {})),
    );
  }

  _show(info, tile) {
    const id = info.participant_id;
    const isMe = id === this._me;
    const part = (name) => tile.querySelector(`.${name}`);
    part('avatar').textContent = initialOf(info.name);
    part('name').textContent = isMe ? say('call.you', { name: info.name }) : info.name;
    const spoken = info.speaking_language === AUTO ? say('call.auto') : this._languages.name(info.speaking_language);
    part('speaks').textContent = say('call.speaks', { language: spoken });
    part('hears').textContent = say('call.hears', { language: this._languages.name(info.listening_language) });
    tile.classList.toggle('is-me', isMe);
    tile.classList.toggle('is-talking', this._talking.has(id));
    showSign(part('talking'), this._talking.has(id) && !info.muted && !info.away, say('call.talking'));
    showSign(part('muted'), info.muted && !info.away, say('call.muted'));
    showSign(part('away'), info.away, say('call.away'));
    tile.classList.toggle('is-away', info.away);
    showSign(part('translated'), this._isTranslated(info), say('call.translated'));
    part('translated').classList.toggle('is-sounding', this._translated.has(id));
    part('translated').querySelector('span').textContent = this._pair(info);
  }

  /** Whether I hear them in another language than they speak. */
  _isTranslated(info) {
    const me = this._people.get(this._me)?.info;
    if (!me || info.participant_id === this._me) return false;
    if (this._translated.has(info.participant_id)) return true;
    const speaking = info.speaking_language;
    if (speaking === AUTO || base(speaking) === base(me.listening_language)) return false;
    return this._languages.isRecognised(speaking) && this._languages.isReachable(me.listening_language);
  }

  _pair(info) {
    const listening = this._people.get(this._me)?.info.listening_language;
    if (!listening) return '';
    const spoken = info.speaking_language === AUTO ? '' : base(info.speaking_language).toUpperCase();
    return `${spoken} → ${base(listening).toUpperCase()}`.trim();
  }
}

function showSign(sign, isShown, label) {
  sign.hidden = !isShown;
  sign.title = label;
  sign.setAttribute('role', 'img');
  sign.setAttribute('aria-label', label);
}
