// One participant as a tile: who it is, what they speak and hear, and the signs of what is the matter with them.

import { colourOf, initialOf } from '../base/avatar.js';
import { icon, make } from '../base/dom.js';
import { AUTO } from '../base/languages.js';
import { say } from '../base/strings.js';

// Keys of the words for how good somebody's connection is.
const QUALITIES = { good: 'people.quality_good', fair: 'people.quality_fair', poor: 'people.quality_poor' };
// Roles that have a badge: those of whom one expects something else than of everybody.
const BADGES = { host: 'people.host', listener: 'people.listener' };

/** Gives a connection's quality in words; '' while it is not known. */
export function qualityInWords(quality) {
  return QUALITIES[quality] ? say(QUALITIES[quality]) : '';
}

/** One tile. `element` is a list item; `button` opens the menu of the person. */
export class Tile {
  constructor(info) {
    this.info = info;
    this.quality = null;
    this._isTalking = false;
    this.button = make('button', { type: 'button', class: 'plain more', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' }, icon('more'));
    this._avatar = make('span', { class: 'avatar', 'aria-hidden': 'true' });
    this._signs = {
      talking: make('span', { class: 'sign talking' }, make('i', {}), make('i', {}), make('i', {})),
      muted: make('span', { class: 'sign muted' }, icon('mic-off')),
      away: make('span', { class: 'sign away' }, icon('away')),
      translated: make('span', { class: 'sign translated' }, icon('languages'), make('span', {})),
      silenced: make('span', { class: 'sign silenced' }, icon('sound-off')),
      quality: make('span', { class: 'sign quality' }, make('i', {}), make('i', {}), make('i', {})),
    };
    this._name = make('span', { class: 'name', dir: 'auto' });
    this._badge = make('span', { class: 'role' });
    this._speaks = make('span', { class: 'speaks' });
    this._hears = make('span', { class: 'hears' });
    this._still = make('span', { class: 'still', hidden: '' });
    const { talking, muted, away, translated, silenced, quality } = this._signs;
    this.element = make(
      'li',
      { class: 'person', 'data-participant': info.participant_id, 'data-colour': colourOf(info.participant_id) },
      make('span', { class: 'face' }, this._avatar, talking, muted, away),
      make('span', { class: 'who' }, this._name, this._badge),
      make('span', { class: 'languages' }, this._speaks, ' ', this._hears),
      translated,
      this._still,
      make('span', { class: 'corner' }, silenced, quality),
      this.button,
    );
    this.rate(null);
    this.silence(false);
  }

  /** Shows what is known of the person. `translation` is how I hear them (`EN → ES`), null as they are; `hasMenu`: there is something to do about them. */
  show(info, { isMe, languages, translation, hasMenu }) {
    this.info = info;
    const { name, speaking_language: speaking, listening_language: listening, role } = info;
    write(this._avatar, initialOf(name));
    write(this._name, isMe ? say('call.you', { name }) : name);
    write(this._badge, BADGES[role] ? say(BADGES[role]) : '');
    write(this._speaks, say('call.speaks', { language: speaking === AUTO ? say('call.auto') : languages.nameWithin(speaking) }));
    write(this._hears, say('call.hears', { language: languages.nameWithin(listening) }));
    write(this._signs.translated.querySelector('span'), translation ?? '');
    this.button.setAttribute('aria-label', say('people.menu', { name }));
    this.button.hidden = !hasMenu;
    this.element.dataset.role = role;
    this.element.classList.toggle('is-me', isMe);
    this.element.classList.toggle('is-away', info.away);
    this.element.classList.toggle('has-menu', hasMenu);
    this._signs.translated.hidden = translation === null;
    this._showFace();
  }

  /** Whether they talk now, and are the loudest of those who do. */
  talk(isTalking, isLoudest) {
    this._isTalking = isTalking;
    this.element.classList.toggle('is-talking', isTalking);
    this.element.classList.toggle('is-loudest', isTalking && isLoudest);
    this._showFace();
  }

  /** Whether I hear their translation at this moment. */
  sound(isSounding) {
    const { translated } = this._signs;
    translated.classList.toggle('is-sounding', isSounding);
    const words = say(isSounding ? 'people.translation_sounds' : 'call.translated');
    label(translated, words);
  }

  /** How good their connection is; null while that is not known. */
  rate(quality) {
    this.quality = quality;
    this._signs.quality.hidden = !QUALITIES[quality];
    this.element.dataset.quality = quality ?? '';
    label(this._signs.quality, qualityInWords(quality));
  }

  /** Whether I have silenced them for myself. */
  silence(isSilenced) {
    this._signs.silenced.hidden = !isSilenced;
    label(this._signs.silenced, say('people.silenced'));
  }

  /** Says that others still listen to what they said; '' when that is over. */
  tellStill(words) {
    this._still.hidden = !words;
    write(this._still, words);
  }

  _showFace() {
    const { talking, muted, away } = this._signs;
    talking.hidden = !this._isTalking || this.info.muted || this.info.away;
    muted.hidden = !this.info.muted || this.info.away;
    away.hidden = !this.info.away;
    label(talking, say('call.talking'));
    label(muted, say('call.muted'));
    label(away, say('call.away'));
  }
}

/** Writes only what is another text: a hundred tiles are shown anew at a time. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function label(sign, words) {
  if (sign.title === words) return;
  sign.title = words;
  sign.setAttribute('role', 'img');
  sign.setAttribute('aria-label', words);
}
