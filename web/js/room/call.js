// One call, from the open socket to its end: who I am in it, and which part of the page takes what the server says.

import { byId } from '../base/dom.js';
import { say } from '../base/strings.js';
import { Captions } from '../captions/panel.js';
import { Hosting } from '../hosting/hosting.js';
import { Stats } from '../stats/stats.js';
import { Link } from '../wire/link.js';
import { Messages } from '../wire/messages.js';
import { BalanceControl } from './balance_control.js';
import { Banner } from './banner.js';
import { MyMicrophone } from './my_microphone.js';
import { People } from './people.js';
import { RoomNotices } from './room_notices.js';
import { Sound } from './sound.js';
import { StillListening } from './still_listening.js';
import { TalkingMuted } from './talking_muted.js';
import { TileMenu } from './tile_menu.js';

// The server goes away, and says so.
const GOING_AWAY = 1001;
// Requests whose refusal is answered by the part that made them.
const ANSWERED = new Set(['not_allowed mute', 'too_many_messages mute']);

// Refusals that the page has words of its own for.
const WORDS = { bad_name: 'error.bad_name', language_not_allowed: 'error.language_not_allowed' };

/** A participant in a room. Parts of the page ask for the server's messages with `on`, and for the end with `whenOver`. */
export class Call {
  /**
   * `me`: { name, speaking, listening, original, muted, ownVoice, microphone (or null) }. `onWaiting` is called with what
   * the server says whenever I wait in the lobby, `onJoined` once inside, `onEnded` with the close code once at the end,
   * `onRefused` with words when the server does not let me in.
   * `renewToken` gives a token for when the server does not know me any more.
   */
  constructor({ roomId, token, renewToken, me, languages, notices, onWaiting, onJoined, onEnded, onRefused }) {
    this.me = me;
    this.roomId = roomId;
    this.languages = languages;
    this.notices = notices;
    this.participantId = null;
    this.resumeToken = null;
    this.isOver = false;
    // Whether the `joined` that is being taken is the first one.
    this.isFirst = true;
    // How the room is set, as the server says it; null before.
    this.room = null;
    // By which the server knows this page, null before it does.
    this._pageId = null;
    // Languages that I asked for and the server has not confirmed, null if there are none.
    this._asked = null;
    // What the last `join` asked for as the original.
    this.joinedWith = me.original;
    this._onWaiting = onWaiting;
    this._onJoined = onJoined;
    this._onEnded = onEnded;
    this._onRefused = onRefused;
    this._messages = new Messages();
    this._endings = [];
    // Requests of which a part of the page answers every refusal.
    this._answered = new Set();
    this._banner = new Banner(byId('lost'), { onNow: () => this._link.tryNow() });
    this._takeOwn();
    this._makeParts();
    this._messages.on('joined', () => this._isIn());
    this._link = new Link({ roomId, token, renewToken, listener: this });
    this._goodbye = () => this.leave();
    window.addEventListener('pagehide', this._goodbye);
  }

  /** What the call itself takes, before any of its parts. */
  _takeOwn() {
    this.on('joined', (message) => this._joined(message));
    this.on('waiting', (message) => this._waiting(message));
    this.on('room', ({ room }) => this._setRoom(room));
    this.on('participant_joined', ({ participant }) => this.people.put(participant));
    this.on('participant_updated', ({ participant }) => this._updated(participant));
    this.on('participant_left', ({ participant_id: id }) => this.people.remove(id));
    this.on('speaking', ({ speaker_ids: ids }) => this.people.setTalking(ids));
    this.on('error', (message) => this._refused(message));
    this.on('pong', () => {}); // that it comes is all that it says
  }

  _makeParts() {
    this.people = new People(this);
    this.captions = new Captions(this);
    this.microphone = new MyMicrophone(this);
    this.sound = new Sound(this, this._banner);
    this._tileMenu = new TileMenu(this);
    this._balance = new BalanceControl(this);
    this._stillListening = new StillListening(this);
    this._talkingMuted = new TalkingMuted(this);
    this._roomNotices = new RoomNotices(this);
    this.hosting = new Hosting(this);
    this._stats = new Stats(this);
  }

  /** Has `take(message)` called for each of the server's messages of a type. */
  on(type, take) {
    this._messages.on(type, take);
  }

  /** Has `take()` called when the call is over, to give everything back. */
  whenOver(take) {
    this._endings.push(take);
  }

  /** Has every refusal of some requests left to who asks this: a taker of `error` tells them. */
  answers(...requests) {
    for (const request of requests) this._answered.add(request);
  }

  /** Sends a message; while there is no link it is nothing to anybody. */
  send(message) {
    this._link.send(message);
  }

  get media() {
    return this.sound.media;
  }

  /** What the server says of me; undefined before I am in. */
  get info() {
    return this.people.get(this.participantId);
  }

  // What the participant does.

  /** Asks for other languages; they are mine when the server says so. */
  setLanguages(speaking, listening) {
    this._asked = { speaking, listening };
    this.send({ type: 'set_languages', speaking_language: speaking, listening_language: listening });
  }

  /** Consents to be heard in my own voice where I am translated, or takes it back. */
  setOwnVoice(consented) {
    this.me.ownVoice = consented;
    this.send({ type: 'set_own_voice', consented });
  }

  /** Learns what can be translated now; false if the server does not say. */
  async refreshLanguages() {
    const isNew = await this.languages.refresh();
    if (isNew) this.people.showAll();
    return isNew;
  }

  leave() {
    this._link.close();
  }

  // The link to the server.

  heard(message) {
    this._messages.deliver(message);
  }

  lost(code) {
    this.media.unlinked();
    this._banner.lost('link', code === GOING_AWAY ? 'lost.away' : 'lost.link');
    document.documentElement.dataset.link = 'lost';
  }

  tried({ tries, pause }) {
    this._banner.tried({ tries, pause });
  }

  found() {
    this.media.relinked();
    this._banner.found('link');
    document.documentElement.dataset.link = this.participantId ? 'open' : 'waiting';
  }

  opened() {
    this.joinedWith = this.me.original;
    const { speaking, listening } = this._asked ?? this.me;
    this.send({
      type: 'join',
      name: this.me.name,
      speaking_language: speaking,
      listening_language: listening,
      original: this.me.original,
      captions: true,
      own_voice: this.me.ownVoice ?? false,
      resume: this._pageId ?? undefined,
    });
  }

  /** The call is over: gives everything back. */
  closed(code) {
    this.isOver = true;
    window.removeEventListener('pagehide', this._goodbye);
    for (const end of this._endings) end();
    this._banner.clear();
    delete document.documentElement.dataset.link;
    this.people.clear();
    this._onEnded(code, this);
  }

  // What the server says.

  /** I am in the lobby, as who I am told here. */
  _waiting(message) {
    this.resumeToken = message.resume_token;
    document.documentElement.dataset.link = 'waiting';
    this._take(message);
    this._onWaiting(message, this);
  }

  /** I am in, for the first time or again: everything that could have changed meanwhile is told from here on. */
  _joined({ participant_id: id, participants, resume_token: resumeToken, page_id: pageId, room }) {
    this.isFirst = this.participantId === null;
    this.participantId = id;
    this.resumeToken = resumeToken;
    this._pageId = pageId;
    this.people.renew(id, participants);
    this._take(this.info);
    this.room = null;
    this._setRoom(room);
  }

  /** All parts know that I am in. */
  _isIn() {
    if (!this.isFirst) return;
    document.documentElement.dataset.link = 'open';
    this._onJoined(this);
  }

  /** How the room is set. Whoever talks may know what becomes of it. */
  _setRoom(room) {
    if (room.keep_transcript && !this.room?.keep_transcript) this.notices.show(say('call.transcript'), { stays: true });
    this.room = room;
  }

  _updated(participant) {
    this.people.put(participant);
    if (participant.participant_id === this.participantId) this._take(participant);
  }

  _refused({ code, message, in_reply_to: request }) {
    if (ANSWERED.has(`${code} ${request}`) || this._answered.has(request)) return;
    if (request === 'set_languages') this._asked = null;
    const words = WORDS[code] ? say(WORDS[code]) : say('error.unknown', { reason: message });
    if (request === 'join' && !this.resumeToken) {
      this._onRefused(words);
      this.leave();
    } else if (code !== 'too_many_messages') {
      // Too many joins or offers, while the network comes and goes: they are tried again a little later.
      this.notices.show(words);
    }
  }

  // Inside.

  /** Takes over what the server says of me. */
  _take({ speaking_language: speaking, listening_language: listening }) {
    Object.assign(this.me, { speaking, listening });
    this._asked = null;
  }
}
