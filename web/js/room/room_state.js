// How the room is set, for everybody in it: locked, with a lobby.

import { byId } from '../base/dom.js';

/** The signs beside the room's name, for one call. */
export class RoomState {
  constructor(call) {
    this._call = call;
    call.on('room', () => this._show());
    call.on('joined', () => this._show());
    this._show();
  }

  _show() {
    const { locked, lobby } = this._call.room ?? { locked: false, lobby: false };
    byId('is-locked').hidden = !locked;
    // Behind a lock nobody new comes, by a lobby or not.
    byId('has-lobby').hidden = !lobby || locked;
  }
}
