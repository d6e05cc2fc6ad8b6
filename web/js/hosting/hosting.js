// Ruling a room: who is let in, muted, removed, and how the room is set. Only hosts have it; the server sees to that.

import { confirm } from '../base/confirm.js';
import { say, sayCount } from '../base/strings.js';
import { HostPanel } from './panel.js';
import { refusalInWords, REQUESTS } from './refusals.js';

/** What a host can do, for one call. There is nothing to see of it while I am none. */
export class Hosting {
  constructor(call) {
    this._call = call;
    // Who waits, as the server told it last, first come first.
    this.waiting = [];
    // Who was removed while I was here and may be let in again: id -> name, the last one last.
    this.removed = new Map();
    // The words on the screen that somebody waits.
    this._told = null;
    // What I asked for about whom, so that a refusal can name them: request -> id.
    this._asked = new Map();
    this._panel = new HostPanel(this, call);
    this._offerActions();
    call.on('lobby', ({ waiting }) => this._waitingChanged(waiting));
    call.on('room', () => this._panel.show());
    call.on('participant_joined', ({ participant: { participant_id: id } }) => this._cameBack(id));
    for (const type of ['joined', 'participant_updated']) call.on(type, () => this._panel.show());
    call.on('participant_left', (message) => this._left(message));
    call.on('error', (error) => this._refused(error));
    call.whenOver(() => this._close());
    call.answers(...REQUESTS);
  }

  get isHost() {
    return this._call.info?.role === 'host';
  }

  /** How the room is set. */
  get room() {
    return this._call.room;
  }

  // What a host does.

  admit(id) {
    this._ask('admit', id);
    // Whoever was removed before may come back; of whoever waits the server says more.
    if (!this.removed.has(id)) return;
    this._call.notices.show(say('hosting.may_return', { name: this.removed.get(id) }));
    this.removed.delete(id);
    this._panel.show();
  }

  admitAll() {
    for (const { participant_id: id } of this.waiting) this._ask('admit', id);
  }

  deny(id) {
    this._ask('deny', id);
  }

  mute(id) {
    this._ask('mute_participant', id);
  }

  async remove(id) {
    const name = this._call.people.nameOf(id);
    const isSure = await confirm({
      title: say('hosting.remove_title', { name }),
      text: say('hosting.remove_text'),
      yes: say('hosting.remove_yes'),
    });
    if (isSure && !this._call.isOver) this._ask('remove', id);
  }

  setLocked(locked) {
    this._call.send({ type: 'lock', locked });
  }

  setLobby(lobby) {
    this._call.send({ type: 'set_lobby', lobby });
  }

  async endRoom() {
    const isSure = await confirm({ title: say('hosting.end_title'), text: say('hosting.end_text'), yes: say('hosting.end_yes') });
    if (isSure && !this._call.isOver) this._call.send({ type: 'end_room' });
  }

  // What the server says.

  _waitingChanged(waiting) {
    const before = new Set(this.waiting.map(({ participant_id: id }) => id));
    this.waiting = waiting;
    const hasKnocked = waiting.some(({ participant_id: id }) => !before.has(id));
    if (hasKnocked && !this._panel.isOpen) this._tell();
    else if (waiting.length === 0 || this._panel.isOpen) this.forgetKnocks();
    else if (this._told && waiting.length < before.size) this._tell();
    this._panel.show();
  }

  /** One notice for all who wait, without a sound: it is a talk that they come to. */
  _tell() {
    this.forgetKnocks();
    const [first] = this.waiting;
    const isOne = this.waiting.length === 1;
    this._told = isOne ? say('hosting.knocks', { name: first.name }) : sayCount('hosting.knock', this.waiting.length);
    const admit = { label: say('hosting.admit'), run: () => this.admit(first.participant_id) };
    const look = { label: say('hosting.look'), run: () => this._panel.open() };
    this._call.notices.show(this._told, { action: isOne ? admit : look });
  }

  /** Takes the notice away that somebody waits: it is seen, or over. */
  forgetKnocks() {
    if (this._told) this._call.notices.hide(this._told);
    this._told = null;
  }

  _left({ participant_id: id, reason }) {
    if (reason === 'removed') {
      this.removed.delete(id);
      this.removed.set(id, this._call.people.nameOf(id) ?? id);
    }
    this._panel.show();
  }

  /** Another host may have let them in again. */
  _cameBack(id) {
    this.removed.delete(id);
    this._panel.show();
  }

  _refused({ code, message, in_reply_to: request }) {
    if (!REQUESTS.includes(request)) return;
    const id = this._asked.get(request);
    const waits = this.waiting.find((guest) => guest.participant_id === id);
    const name = waits?.name ?? this._call.people.nameOf(id) ?? say('captions.somebody');
    const people = this._call.people.everybody();
    const most = this._call.room?.max_participants;
    const isFull = request === 'admit' && Boolean(most) && people.filter(({ role }) => role !== 'host').length >= most;
    this._call.notices.show(refusalInWords({ code, request, message, name, isFull }));
    // A switch shows what holds.
    this._panel.show();
  }

  // Inside.

  _ask(type, id) {
    this._asked.set(type, id);
    this._call.send({ type, participant_id: id });
  }

  /** The same as in the panel, in the menus of people's tiles. */
  _offerActions() {
    const isOther = ({ participant_id: id }) => this.isHost && id !== this._call.participantId;
    this._call.people.addAction({
      label: say('hosting.mute'),
      isFor: (info) => isOther(info) && !info.muted,
      run: ({ participant_id: id }) => this.mute(id),
    });
    this._call.people.addAction({
      label: say('hosting.remove'),
      isDanger: true,
      isFor: isOther,
      run: ({ participant_id: id }) => this.remove(id),
    });
  }

  _close() {
    this.waiting = [];
    this.forgetKnocks();
    this._panel.close();
    this._panel.show();
  }
}
