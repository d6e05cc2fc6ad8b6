// One call, from the open socket to its end: tells the parts of the page what the server says, and the server what the
// participant does.

import { Captions } from './captions.js';
import { Connection } from './connection.js';
import { byId } from './dom.js';
import { People } from './people.js';
import { Slots } from './slots.js';
import { has, say } from './strings.js';
import { Socket } from './socket.js';

/** A participant in a room. Its methods from `opened` on are what the socket delivers to. */
export class Call {
  /**
   * `me`: { name, speaking, listening, original, microphone (or null) }. `onJoined` is called once inside, `onEnded`
   * with the socket's close code once at the end, `onRefused` with words when the server does not let me join.
   */
  constructor({ roomId, token, me, languages, notices, onJoined, onEnded, onRefused }) {
    this.me = me;
    this.participantId = null;
    this.resumeToken = null;
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
      nameOf: (id) => this.people.get(id)?.name,
      empty: byId('captions-empty'),
      newest: byId('newest'),
    });
    this._socket = new Socket(roomId, token, this);
  }

  // What the participant does.

  /** Turns the microphone off or on; true if there is one to turn. */
  setMuted(isMuted) {
    if (!this.me.microphone) return false;
    this.me.microphone.track.enabled = !isMuted;
    this._tellMuted(isMuted);
    return true;
  }

  /** Begins to talk with a microphone that was not there at the start. */
  async setMicrophone(microphone) {
    this.me.microphone = microphone;
    await this._connection?.setTrack(microphone.track);
    this._tellMuted(false);
  }

  setOriginal(original) {
    this.me.original = original;
    this._slots.setOriginal(original);
    this._socket.send({ type: 'set_original', original });
  }

  setLanguages(speaking, listening) {
    Object.assign(this.me, { speaking, listening });
    this._socket.send({ type: 'set_languages', speaking_language: speaking, listening_language: listening });
    this._updateMe({ speaking_language: speaking, listening_language: listening });
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
    this._connection = new Connection({
      iceServers,
      track: this.me.microphone?.track,
      send: (message) => this._socket.send(message),
      onTrack: (mid, track) => this._slots.attach(mid, track),
      onState: (state) => this._connectionChanged(state),
    });
    if (!this.me.microphone) this._tellMuted(true);
    this._onJoined(this);
    await this._connection.offer();
  }

  async answer({ sdp }) {
    try {
      await this._connection.answered(sdp);
    } catch (error) {
      console.error(error);
      this._notices.show(say('connection.lost'), { stays: true });
    }
  }

  participantJoined({ participant }) {
    this.people.put(participant);
  }

  participantUpdated({ participant }) {
    this.people.put(participant);
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

  notice({ code, text, speaker_id: speaker }) {
    const name = this.people.get(speaker)?.name ?? say('captions.somebody');
    this._notices.show(has(`notice.${code}`) ? say(`notice.${code}`, { name }) : text);
  }

  error({ message, in_reply_to: request }) {
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
    this._connection?.close();
    delete document.documentElement.dataset.connection;
    this._slots.close();
    this.people.clear();
    this._captions.clear();
    byId('blocked').hidden = true;
    this._onEnded(code, this);
  }

  // Inside.

  _tellMuted(isMuted) {
    this._socket.send({ type: 'mute', muted: isMuted });
    this._updateMe({ muted: isMuted });
  }

  _updateMe(changes) {
    const info = this.people.get(this.participantId);
    if (info) this.people.put({ ...info, ...changes });
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
