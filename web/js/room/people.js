// Who is here: one tile a participant, me first, who talks in sight; of a large room's listeners only how many they are.

import { byId } from '../base/dom.js';
import { AUTO, base } from '../base/languages.js';
import { say, sayCount } from '../base/strings.js';
import { partnerOf } from './order.js';
import { Tile } from './tile.js';

// Names of people who left, for what they said last; when there are more, the oldest goes.
const KEPT = 500;
// Up to so many tiles are large, and up to so many are of middle size.
const FEW = 6;
const SOME = 12;
// With so many people listeners have no tile among the others; with so few they have one again.
const LARGE = 13;
const SMALL = 10;
// Whoever talks for so long, in milliseconds, comes into sight.
const TALKS_MS = 800;

/** The tiles of a call. */
export class People {
  constructor(call) {
    this._call = call;
    this._languages = call.languages;
    this._list = byId('people');
    this._listeners = byId('listeners');
    this._toggle = byId('toggle-listeners');
    this._me = null;
    // Participant -> Tile, in the order of their coming.
    this._people = new Map();
    // id -> name; who left longest ago first.
    this._gone = new Map();
    // Loudest first.
    this._talking = [];
    // Participant -> when they talked last.
    this._talkedAt = new Map();
    this._sounding = new Set();
    this._isLarge = false;
    this._actions = [];
    // Called with a tile when its menu is asked for.
    this.onMenu = () => {};
    this._toggle.onclick = () => this._showListeners(this._listeners.hidden);
    call.on('quality', ({ qualities }) => this._rate(qualities));
  }

  /**
   * Offers something in people's menus: `isFor(info)` says for whom, `run(info)` does it, `label` is its name or gives one by
   * `label(info)`.
   */
  addAction(action) {
    this._actions.push(action);
    this.showAll();
  }

  /** Gives what can be done about somebody. */
  actionsFor(info) {
    return this._actions.filter(({ isFor }) => isFor(info));
  }

  /** Adds somebody, or shows what changed about them. */
  put(info) {
    const id = info.participant_id;
    const known = this._people.get(id);
    const tile = known ?? this._add(info);
    const isSeated = known && known.info.role === info.role;
    tile.info = info;
    if (!isSeated) this._seatAll(id);
    if (id === this._me) this.showAll();
    else this._show(tile);
  }

  remove(id) {
    const tile = this._people.get(id);
    if (!tile) return;
    tile.element.remove();
    this._people.delete(id);
    this._talkedAt.delete(id);
    this._gone.delete(id);
    this._gone.set(id, tile.info.name);
    if (this._gone.size > KEPT) this._gone.delete(this._gone.keys().next().value);
    this._seatAll();
  }

  /** Shows these people, of whom `me` is one, and nobody else: what was not told meanwhile is in there. */
  renew(me, everybody) {
    this._me = me;
    this._sounding.clear();
    this.setTalking([]);
    const here = new Set(everybody.map((info) => info.participant_id));
    for (const id of [...this._people.keys()]) if (!here.has(id)) this.remove(id);
    for (const tile of this._people.values()) tile.rate(null);
    for (const info of everybody) this.put(info);
  }

  get(id) {
    return this._people.get(id)?.info;
  }

  /** Gives what is known of everybody who is here, in the order of their coming. */
  everybody() {
    return [...this._people.values()].map(({ info }) => info);
  }

  /** Gives somebody's tile; undefined if they are not here. */
  tile(id) {
    return this._people.get(id);
  }

  /** Names somebody who is here or was. */
  nameOf(id) {
    return this.get(id)?.name ?? this._gone.get(id);
  }

  /** Says who talks now, the loudest first. */
  setTalking(ids) {
    const before = new Set(this._talking);
    this._talking = ids;
    for (const id of new Set([...before, ...ids])) {
      if (!this._people.has(id)) continue;
      this._people.get(id).talk(ids.includes(id), ids[0] === id);
      this._talkedAt.set(id, performance.now());
      if (!before.has(id)) setTimeout(() => this._bringIntoSight(id), TALKS_MS);
    }
  }

  /** Says whose voice is heard in translation now. */
  setTranslated(ids) {
    const before = this._sounding;
    this._sounding = new Set(ids);
    for (const id of new Set([...before, ...ids])) if (this._people.has(id)) this._show(this._people.get(id));
  }

  /** Shows everybody anew, with what is known now. */
  showAll() {
    for (const tile of this._people.values()) this._show(tile);
  }

  clear() {
    this._people.clear();
    this._gone.clear();
    this._talkedAt.clear();
    this._talking = [];
    this._list.replaceChildren();
    this._listeners.replaceChildren();
    this._showListeners(false);
    this._toggle.hidden = true;
  }

  _add(info) {
    const tile = new Tile(info);
    tile.button.onclick = () => this.onMenu(tile);
    // Whoever was here before is what I made of them then.
    tile.silence(this._call.sound.volumes.person(info.participant_id).isSilenced);
    this._people.set(info.participant_id, tile);
    return tile;
  }

  _show(tile) {
    const { info } = tile;
    const isMe = info.participant_id === this._me;
    tile.sound(this._sounding.has(info.participant_id));
    tile.show(info, {
      isMe,
      languages: this._languages,
      translation: this._isTranslated(info) ? this._pair(info) : null,
      // My own voice is not played to me.
      hasMenu: !isMe || this.actionsFor(info).length > 0,
    });
  }

  _rate(qualities) {
    for (const [id, quality] of Object.entries(qualities)) this._people.get(id)?.rate(quality);
  }

  /** Whether I hear them in another language than they speak. */
  _isTranslated(info) {
    const me = this.get(this._me);
    if (!me || info.participant_id === this._me) return false;
    if (this._sounding.has(info.participant_id)) return true;
    const speaking = info.speaking_language;
    if (info.role === 'listener' || speaking === AUTO || base(speaking) === base(me.listening_language)) return false;
    return this._languages.isRecognised(speaking) && this._languages.isReachable(me.listening_language);
  }

  _pair({ speaking_language: speaking }) {
    const spoken = speaking === AUTO ? '' : base(speaking).toUpperCase();
    return `${spoken} → ${base(this.get(this._me).listening_language).toUpperCase()}`.trim();
  }

  // Places.

  /** Puts everybody where they belong; `id`, if given, has no place or a wrong one. Nobody else moves without need. */
  _seatAll(id) {
    const count = this._people.size;
    this._isLarge = this._isLarge ? count > SMALL : count >= LARGE;
    for (const [other, tile] of this._people) {
      const list = this._isLarge && tile.info.role === 'listener' && other !== this._me ? this._listeners : this._list;
      if (tile.element.parentNode === list) continue;
      if (other === this._me) list.prepend(tile.element);
      else list.append(tile.element);
    }
    if (id === this._me && this._list.firstElementChild !== this.tile(id).element) this._list.prepend(this.tile(id).element);
    const tiles = this._list.childElementCount;
    this._list.dataset.crowd = tiles <= FEW ? 'few' : tiles <= SOME ? 'some' : 'many';
    this._showCounts(count);
  }

  _showCounts(count) {
    byId('count').textContent = sayCount('call.count', count);
    byId('alone').hidden = count !== 1;
    const listening = this._listeners.childElementCount;
    this._toggle.hidden = listening === 0;
    if (listening === 0) this._showListeners(false);
    this._toggle.querySelector('span').textContent = sayCount('people.listening', listening);
  }

  _showListeners(isShown) {
    this._listeners.hidden = !isShown;
    this._toggle.setAttribute('aria-expanded', String(isShown));
    // They are below the button, which may be at the end of what can be seen.
    if (isShown) this._listeners.scrollIntoView({ block: 'start' });
  }

  /** Whoever still talks and is not in sight takes the place of somebody who does not talk. */
  _bringIntoSight(id) {
    if (!this._talking.includes(id)) return;
    const ids = [...this._list.children].map((element) => element.dataset.participant);
    const partner = partnerOf(id, ids, this._countInSight(), {
      talkedAt: this._talkedAt,
      isFixed: (other) => this._talking.includes(other) || this._people.get(other).element.contains(document.activeElement),
    });
    if (!partner) return;
    const [tile, other] = [this._people.get(id).element, this._people.get(partner).element];
    const after = tile.nextSibling;
    this._list.insertBefore(tile, other);
    this._list.insertBefore(other, after);
  }

  /** Gives how many tiles can be seen before anything is scrolled. */
  _countInSight() {
    const tiles = [...this._list.children];
    const start = tiles[0].getBoundingClientRect();
    const { clientWidth: width } = this._list;
    const height = this._list.closest('.stage').clientHeight;
    const beyond = tiles.findIndex((tile) => {
      const { left, right, top, bottom } = tile.getBoundingClientRect();
      return Math.max(right - start.left, start.right - left) > width + 1 || bottom - start.top > height + 1;
    });
    return beyond < 0 ? tiles.length : beyond;
  }
}
