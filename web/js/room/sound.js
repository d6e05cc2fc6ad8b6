// What is heard in a call: the connection that brings it, and the slots that play it.

import { byId } from '../base/dom.js';
import { say } from '../base/strings.js';
import { Balance } from '../sound/balance.js';
import { Ears } from '../sound/ears.js';
import { Media } from '../sound/media.js';
import { Slots } from '../sound/slots.js';
import { Volumes } from '../sound/volumes.js';
import { Blocked } from './blocked.js';

/** Whether `?relay=1` asks for a connection through the TURN server, whatever the server says. */
function wantsRelay() {
  return new URLSearchParams(location.search).get('relay') === '1';
}

/** The sound of one call. */
export class Sound {
  constructor(call, banner) {
    this._call = call;
    this._banner = banner;
    this.volumes = new Volumes(Balance.remembered());
    this.slots = new Slots(byId('sounds'), { volumes: this.volumes, onBlocked: () => this._blocked.show() });
    this._blocked = new Blocked(byId('blocked'), { play: () => this.slots.playAll() });
    this.media = new Media({
      send: (message) => call.send(message),
      track: () => call.me.microphone?.track,
      onTrack: (mid, track) => this.slots.attach(mid, track),
      onState: (state) => this._connectionChanged(state),
      onSilent: (isSilent) => (isSilent ? banner.lost('sound', 'lost.sound') : banner.found('sound')),
      onObstacle: (key, values) => banner.lost('way', key, values),
      onError: (error) => this._failed(error),
    });
    this._ears = new Ears({
      peer: () => this.media.peer,
      isPlaying: (mid) => this.slots.isPlaying(mid),
      send: (message) => call.send(message),
    });
    call.on('joined', (message) => this._joined(message));
    // The credentials in the last ones will soon be worth nothing.
    call.on('ice_servers', ({ ice_servers: iceServers }) => { this.media.iceServers = iceServers; });
    call.on('answer', ({ sdp }) => this.media.answered(sdp).catch((error) => this._failed(error)));
    call.on('slot', (message) => this._changed(message));
    call.on('sounding', (message) => this._ears.expect(message));
    call.on('suppress_original', ({ speaker_id: id }) => this.volumes.duck(id, true));
    call.on('restore_original', ({ speaker_id: id }) => this.volumes.duck(id, false));
    call.on('participant_left', ({ participant_id: id }) => this.volumes.duck(id, false));
    call.on('notice', ({ code }) => this._noticed(code));
    call.on('error', ({ in_reply_to: request }) => { if (request === 'offer') this.media.refused(); });
    call.whenOver(() => this._close());
  }

  _joined({ ice_servers: iceServers, relay_only: relayOnly, connected }) {
    this.slots.reset();
    this.media.linked({ iceServers, relayOnly: relayOnly || wantsRelay(), isKnown: connected });
  }

  _changed(message) {
    this.slots.change(message);
    this._call.people.setTranslated(this.slots.voices());
  }

  _noticed(code) {
    if (code === 'media_lost') {
      this._banner.lost('sound', 'lost.sound');
      this.media.lost();
    }
    if (code === 'sound_elsewhere') this.media.rest();
  }

  _connectionChanged(state) {
    document.documentElement.dataset.connection = state;
    if (state === 'failed' || state === 'disconnected') this._banner.lost('sound', 'lost.sound');
    if (state === 'connected') {
      this._banner.found('sound');
      this._banner.found('way');
    }
  }

  /** Something on the way to sound cannot be done here: that costs the sound, not the call. Captions go on. */
  _failed(error) {
    if (this._call.isOver) return;
    console.error(error);
    this._call.notices.show(say('connection.lost'), { stays: true });
  }

  _close() {
    this._ears.close();
    this.media.close();
    this.slots.close();
    this._blocked.close();
    delete document.documentElement.dataset.connection;
  }
}
