// One call, from the open socket to its end: tells the parts of the page what the server says, and the server what the
// participant does.

import { Captions } from './captions.js';
import { Connection } from './connection.js';
import { byId } from './dom.js';
import { People } from './people.js';
import { Slots } from './slots.js';
import { has, say } from './strings.js';
import { Socket } from './socket.js';

// After a refused message, in milliseconds; the server takes two a second.
const AGAIN_MS = 1500;

/** A participant in a room. Its methods from `opened` on are what the socket delivers to. */
export class Call {
  /**
   * `me`: { name, speaking, listening, original, muted, microphone (or null) }. `onJoined` is called once inside,
   * `onEnded` with the socket's close code once at the end, `onRefused` with words when the server does not let me in.
   */
  constructor({ roomId, token, me, languages, notices, onJoined, onEnded, onRefused }) {
    this.me = me;
    this.participantId = null;
    this.resumeToken = null;
    this.isOver = false;
    this._languages = languages;
    this._notices = notices;
    this._onJoined = onJoined;
    this._onEnded = onEnded;
    this._onRefused = onRefused;
    this._connection = null;
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
    this._socket = new Socket(roomId, token, this);
  }

  // What the participant does.

  /** Turns the microphone, which must be there, off or on. */
  setMuted(isMuted) {
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
    await this._connection?.setTrack(microphone.track);
    Object.assign(this.me, { microphone, muted: false });
    this._tellMuted();
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
    this._socket.send({ type: 'set_original', original });
  }

  /** Asks for other languages; they are mine when the server says so. */
  setLanguages(speaking, listening) {
    this._socket.send({ type: 'set_languages', speaking_language: speaking, listening_language: listening });
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
    this._socket.close();
  }

  // What the server says.

  opened() {
    this._socket.send({
      type: 'join',
      name: this.me.name,
      speaking_language: this.me.speaking,
      listening_language: this.me.listening,
      original: this.me.original,
      captions: true,
    });
  }

  async joined({ participant_id: id, participants, ice_servers: iceServers, resume_token: resumeToken }) {
    this.participantId = id;
    this.resumeToken = resumeToken;
    this.people.setMe(id);
    for (const info of participants) this.people.put(info);
    if (this.me.microphone) this.me.microphone.track.enabled = !this.me.muted;
    if (this.me.muted || !this.me.microphone) this._tellMuted();
    this._onJoined(this);
    await this._try(() => this._connect(iceServers));
  }

  async answer({ sdp }) {
    await this._try(() => this._connection.answered(sdp));
  }

  participantJoined({ participant }) {
    this.people.put(participant);
  }

  participantUpdated({ participant }) {
    this.people.put(participant);
    if (participant.participant_id !== this.participantId) return;
    this.me.speaking = participant.speaking_language;
    this.me.listening = participant.listening_language;
  }

  participantLeft({ participant_id: id }) {
    this.people.remove(id);
    this._slots.duck(id, false);
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

  async notice({ code, text, speaker_id: speaker }) {
    const name = this.people.nameOf(speaker) ?? say('captions.somebody');
    const values = code === 'auto_language' ? await this._autoLanguage() : { name };
    const words = values && has(`notice.${code}`) ? say(`notice.${code}`, values) : text;
    if (!this.isOver) this._notices.show(words, { stays: code === 'media_lost' });
  }

  error({ code, message, in_reply_to: request }) {
    if (code === 'too_many_messages' && request === 'mute') {
      // What was refused was the newest word: it is said again, once there is room for it.
      setTimeout(() => this.isOver || this._tellMuted(), AGAIN_MS);
      return;
    }
    const words = say('error.unknown', { reason: message });
    if (request === 'join' && !this.participantId) {
      this._onRefused(words);
      this._socket.close();
    } else {
      this._notices.show(words);
    }
  }

  /** The socket is closed: gives everything back. */
  closed(code) {
    this.isOver = true;
    this._connection?.close();
    delete document.documentElement.dataset.connection;
    this._slots.close();
    this.people.clear();
    this._captions.clear();
    byId('blocked').hidden = true;
    this._onEnded(code, this);
  }

  // Inside.

  async _connect(iceServers) {
    this._connection = new Connection({
      iceServers,
      track: this.me.microphone?.track,
      send: (message) => this._socket.send(message),
      onTrack: (mid, track) => this._slots.attach(mid, track),
      onState: (state) => this._connectionChanged(state),
    });
    await this._connection.offer();
  }

  /** Does a step towards sound. One that fails costs the sound, not the call: captions go on. */
  async _try(step) {
    try {
      await step();
    } catch (error) {
      if (this.isOver) return;
      console.error(error);
      this._notices.show(say('connection.lost'), { stays: true });
    }
  }

  _tellMuted() {
    const muted = this.me.muted || !this.me.microphone;
    this._socket.send({ type: 'mute', muted });
    const info = this.people.get(this.participantId);
    if (info) this.people.put({ ...info, muted });
  }

  /** Gives what `auto` is taken for: the notice does not say, but it is the only one. Null if it is not (any more). */
  async _autoLanguage() {
    await this.refreshLanguages();
    const tag = this._languages.onlyRecognised();
    return tag ? { language: this._languages.name(tag) } : null;
  }

  _connectionChanged(state) {
    document.documentElement.dataset.connection = state;
    if (state === 'failed') this._notices.show(say('connection.lost'), { stays: true });
    if (state === 'disconnected') this._notices.show(say('connection.unstable'));
    if (state === 'connected') this._notices.hide(say('connection.unstable'));
  }

  _showCount(count) {
    byId('count').textContent = count === 1 ? say('call.count_one') : say('call.count_other', { count });
    byId('alone').hidden = count !== 1;
  }
}
