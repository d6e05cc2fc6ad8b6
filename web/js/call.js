// One call, from the open socket to its end: tells the parts of the page what the server says, and the server what the
// participant does.

import { Banner } from './banner.js';
import { Captions } from './captions.js';
import { byId } from './dom.js';
import { Link } from './link.js';
import { Media } from './media.js';
import { People } from './people.js';
import { Slots } from './slots.js';
import { StandIns } from './stand_ins.js';
import { has, say } from './strings.js';

// After a refused message, in milliseconds; the server takes two a second.
const AGAIN_MS = 1500;
// The server goes away, and says so.
const GOING_AWAY = 1001;

/** Whether `?relay=1` asks for a connection through the TURN server, whatever the server says. */
function wantsRelay() {
  return new URLSearchParams(location.search).get('relay') === '1';
}

/** A participant in a room. Its methods from `opened` on are what the socket delivers to. */
export class Call {
  /**
   * `me`: { name, speaking, listening, original, muted, microphone (or null) }. `onJoined` is called once inside,
   * `onEnded` with the close code once at the end, `onRefused` with words when the server does not let me in.
   * `renewToken` gives a token for when the server does not know me any more.
   */
  constructor({ roomId, token, renewToken, me, languages, notices, onJoined, onEnded, onRefused }) {
    this.me = me;
    // By which the server knows this page, null before it does.
    this._pageId = null;
    // Languages that I asked for and the server has not confirmed, null if there are none.
    this._asked = null;
    // Speaker -> the code of the last notice about them: one that is told again after a loss is not shown again.
    this._told = new Map();
    // Speaker -> the notice that stays for as long as they are not translated.
    this._paused = new Map();
    // What the server was told of my microphone (true: off) and has not confirmed, null if there is nothing.
    this._saying = null;
    // Whether I may be heard at all; whether I was told that what is said is kept.
    this._mayTalk = true;
    this._keepsTranscript = false;
    // Called when the microphone is off by somebody else's doing.
    this.onSilenced = () => {};
    this.participantId = null;
    this.resumeToken = null;
    this.isOver = false;
    this._languages = languages;
    this._notices = notices;
    this._standIns = new StandIns({ languages, notices });
    this._onJoined = onJoined;
    this._onEnded = onEnded;
    this._onRefused = onRefused;
    this.people = new People(byId('people'), { languages, onCount: (count) => this._showCount(count) });
    this._slots = new Slots(byId('sounds'), {
      original: me.original,
      onBlocked: () => { byId('blocked').hidden = false; },
    });
    this._captions = new Captions(byId('captions'), {
      nameOf: (id) => this.people.nameOf(id),
      empty: byId('captions-empty'),
      newest: byId('newest'),
    });
    this._media = new Media({
      send: (message) => this._link.send(message),
      track: () => this.me.microphone?.track,
      onTrack: (mid, track) => this._slots.attach(mid, track),
      onState: (state) => this._connectionChanged(state),
      onSilent: (isSilent) => (isSilent ? this._banner.lost('sound', 'lost.sound') : this._banner.found('sound')),
      onObstacle: (key, values) => this._banner.lost('way', key, values),
      onError: (error) => this._soundFailed(error),
    });
    this._banner = new Banner(byId('lost'), { onNow: () => this._link.tryNow() });
    this._link = new Link({ roomId, token, renewToken, listener: this });
    this._goodbye = () => this.leave();
    window.addEventListener('pagehide', this._goodbye);
  }

  // What the participant does.

  /** Turns the microphone, which must be there, off or on. */
  setMuted(isMuted) {
    if (!this._mayTalk) {
      this._listenOnly();
      return;
    }
    this.me.muted = isMuted;
    this.me.microphone.track.enabled = !isMuted;
    this._tellMuted();
  }

  /** Begins to talk with a microphone that was not there before. One that comes too late is given back. */
  async setMicrophone(microphone) {
    if (this.isOver) {
      microphone.close();
      return;
    }
    await this._media.setTrack(microphone.track);
    Object.assign(this.me, { microphone, muted: false });
    if (this._mayTalk) this._tellMuted();
    else this._listenOnly();
  }

  /** Goes on without the microphone, which is gone. */
  loseMicrophone() {
    this.me.microphone.close();
    this.me.microphone = null;
    this._tellMuted();
  }

  setOriginal(original) {
    this.me.original = original;
    this._slots.setOriginal(original);
    this._link.send({ type: 'set_original', original });
  }

  /** Asks for other languages; they are mine when the server says so. */
  setLanguages(speaking, listening) {
    this._asked = { speaking, listening };
    this._link.send({ type: 'set_languages', speaking_language: speaking, listening_language: listening });
  }

  /** Learns what can be translated now; false if the server does not say. */
  async refreshLanguages() {
    const isNew = await this._languages.refresh();
    if (isNew) this.people.showAll();
    return isNew;
  }

  /** Plays what the browser held back; to be called from a tap. */
  hearNow() {
    byId('blocked').hidden = true;
    this._slots.playAll();
  }

  leave() {
    this._link.close();
  }

  // The link to the server.

  lost(code) {
    this._media.unlinked();
    this._banner.lost('link', code === GOING_AWAY ? 'lost.away' : 'lost.link');
    document.documentElement.dataset.link = 'lost';
  }

  found() {
    this._media.relinked();
    this._banner.found('link');
    document.documentElement.dataset.link = 'open';
  }

  // What the server says.

  opened() {
    const { speaking, listening } = this._asked ?? this.me;
    this._link.send({
      type: 'join',
      name: this.me.name,
      speaking_language: speaking,
      listening_language: listening,
      original: this.me.original,
      captions: true,
      resume: this._pageId ?? undefined,
    });
  }

  /** I am in the lobby: what is told to me from now on is told to somebody who waits. */
  waiting({ resume_token: resumeToken }) {
    this.resumeToken = resumeToken;
    document.documentElement.dataset.link = 'waiting';
    this._notices.show(say('lobby.waiting'), { stays: true });
  }

  /** I am in, for the first time or again: everything that could have changed meanwhile is told from here on. */
  async joined({
    participant_id: id, participants, ice_servers: iceServers, relay_only: relayOnly, resume_token: resumeToken,
    page_id: pageId, connected, room,
  }) {
    this._notices.hide(say('lobby.waiting'));
    const isFirst = this.participantId === null;
    this.participantId = id;
    this.resumeToken = resumeToken;
    this._pageId = pageId;
    this.people.renew(id, participants);
    this._take(this.people.get(id));
    this._mayTalk = this.people.get(id).role !== 'listener';
    this._slots.reset();
    if (this.me.microphone) this.me.microphone.track.enabled = !this.me.muted;
    this._agreeOnMuted(this.people.get(id).muted, isFirst);
    this._keepsTranscript = false;
    this.room({ room });
    if (isFirst) {
      document.documentElement.dataset.link = 'open';
      this._onJoined(this);
    } else {
      this._captions.renew();
      // Somebody may have been translated again meanwhile, of which nobody tells.
      for (const speaker of [...this._paused.keys()]) this._resume(speaker);
      this._standIns.renew();
    }
    await this._media.linked({ iceServers, relayOnly: relayOnly || wantsRelay(), isKnown: connected });
  }

  /** How the room is set. Whoever talks may know what becomes of it. */
  room({ room: { keep_transcript: keeps } }) {
    if (keeps && !this._keepsTranscript) this._notices.show(say('call.transcript'), { stays: true });
    this._keepsTranscript = keeps;
  }

  /** The credentials in the last ones will soon be worth nothing. */
  iceServers({ ice_servers: iceServers }) {
    this._media.iceServers = iceServers;
  }

  async answer({ sdp }) {
    try {
      await this._media.answered(sdp);
    } catch (error) {
      this._soundFailed(error);
    }
  }

  participantJoined({ participant }) {
    this.people.put(participant);
  }

  participantUpdated({ participant }) {
    this.people.put(participant);
    if (participant.participant_id !== this.participantId) return;
    if (participant.muted === this._saying) this._saying = null;
    this._take(participant);
  }

  participantLeft({ participant_id: id }) {
    this.people.remove(id);
    this._slots.duck(id, false);
    this._told.delete(id);
    this._resume(id);
  }

  slot(event) {
    this._slots.change(event);
    this.people.setTranslated(this._slots.voices());
  }

  speaking({ speaker_ids: ids }) {
    this.people.setTalking(ids);
  }

  suppressOriginal({ speaker_id: id }) {
    this._slots.duck(id, true);
  }

  restoreOriginal({ speaker_id: id }) {
    this._slots.duck(id, false);
  }

  caption(event) {
    this._captions.show(event);
  }

  notice(event) {
    const { code, text, speaker_id: speaker, language } = event;
    if (code === 'engine_changed') return this._standIns.changed(event);
    if (code === 'engine_restored') return this._standIns.restored(event);
    if (code === 'media_lost') {
      this._banner.lost('sound', 'lost.sound');
      this._media.lost();
      return;
    }
    if (code === 'muted_by_host') this._silence();
    if (code === 'sound_elsewhere') this._media.rest();
    if (speaker && this._told.get(speaker) === code) return;
    if (speaker) this._told.set(speaker, code);
    // Something can be recognised here that could not be when this page was opened, perhaps.
    if (code === 'auto_language') this.refreshLanguages();
    const values = {
      name: this.people.nameOf(speaker) ?? say('captions.somebody'),
      language: language ? this._languages.name(language) : '',
    };
    const words = has(`notice.${code}`) ? say(`notice.${code}`, values) : text;
    this._resume(speaker);
    if (speaker && code === 'translation_paused') this._paused.set(speaker, words);
    this._notices.show(words, { stays: this._paused.has(speaker) });
  }

  /** Takes the notice away that somebody's translation has stopped. */
  _resume(speaker) {
    if (this._paused.has(speaker)) this._notices.hide(this._paused.get(speaker));
    this._paused.delete(speaker);
  }

  error({ code, message, in_reply_to: request }) {
    if (code === 'too_many_messages' && request === 'mute') {
      // What was refused was the newest word: it is said again, once there is room for it.
      setTimeout(() => this.isOver || this._tellMuted(), AGAIN_MS);
      return;
    }
    if (code === 'not_allowed' && request === 'mute') {
      this._listenOnly();
      return;
    }
    if (request === 'offer') this._media.refused();
    if (request === 'set_languages') this._asked = null;
    const words = say('error.unknown', { reason: message });
    if (request === 'join' && !this.participantId) {
      this._onRefused(words);
      this.leave();
    } else if (code !== 'too_many_messages') {
      // Too many joins or offers, while the network comes and goes: they are tried again a little later.
      this._notices.show(words);
    }
  }

  /** The call is over: gives everything back. */
  closed(code) {
    this.isOver = true;
    window.removeEventListener('pagehide', this._goodbye);
    this._media.close();
    this._banner.clear();
    this._notices.hide(say('lobby.waiting'));
    delete document.documentElement.dataset.connection;
    delete document.documentElement.dataset.link;
    this._slots.close();
    this.people.clear();
    this._captions.clear();
    byId('blocked').hidden = true;
    this._onEnded(code, this);
  }

  // Inside.

  /** Something on the way to sound cannot be done here: that costs the sound, not the call. Captions go on. */
  _soundFailed(error) {
    if (this.isOver) return;
    console.error(error);
    this._notices.show(say('connection.lost'), { stays: true });
  }

  /** Takes over what the server says of me. */
  _take({ speaking_language: speaking, listening_language: listening }) {
    Object.assign(this.me, { speaking, listening });
    this._asked = null;
  }

  get _isSilent() {
    return this.me.muted || !this.me.microphone || !this._mayTalk;
  }

  /**
   * The server and this page must have the same idea of whether the microphone is on. What was switched here counts, until
   * the server has confirmed it; after that, what the server says: a host may have switched it off while the link was lost.
   */
  _agreeOnMuted(muted, isFirst) {
    if (!this._mayTalk || (muted && !isFirst && this._saying === null)) this._silence();
    else if (muted !== this._isSilent) this._tellMuted();
  }

  /** The microphone is off, and not by my own doing. */
  _silence() {
    this._saying = null;
    this.me.muted = true;
    if (this.me.microphone) this.me.microphone.track.enabled = false;
    this.onSilenced();
  }

  _listenOnly() {
    this._silence();
    this._notices.show(say('call.listen_only'));
  }

  _tellMuted() {
    const muted = this._isSilent;
    this._saying = muted;
    this._link.send({ type: 'mute', muted });
    const info = this.people.get(this.participantId);
    if (info) this.people.put({ ...info, muted });
  }

  _connectionChanged(state) {
    document.documentElement.dataset.connection = state;
    if (state === 'failed' || state === 'disconnected') this._banner.lost('sound', 'lost.sound');
    if (state === 'connected') {
      this._banner.found('sound');
      this._banner.found('way');
    }
  }

  _showCount(count) {
    byId('count').textContent = count === 1 ? say('call.count_one') : say('call.count_other', { count });
    byId('alone').hidden = count !== 1;
  }
}
