// Who is in the room, to be muted or removed; and who was removed, to be let in again.

import { icon, make } from '../base/dom.js';
import { say, sayCount } from '../base/strings.js';
import { Rows, write } from './rows.js';

const ROLES = { host: 'hosting.role_host', speaker: 'hosting.role_speaker', listener: 'hosting.role_listener' };

/** Two sections of the panel. */
export class MemberList {
  constructor(hosting, call) {
    this._hosting = hosting;
    this._call = call;
    this._here = new Rows('member', { build: (id) => this._buttons(id), fill: (row, info) => this._fill(row, info) });
    this._gone = new Rows('member', { build: (id) => this._again(id), fill: (row, { name }) => this._fillGone(row, name) });
    this._title = make('h3', {});
    this._removed = make('section', { class: 'removed' }, make('h3', {}, say('hosting.removed')), this._gone.element);
    this.elements = [make('section', {}, this._title, this._here.element), this._removed];
  }

  show() {
    const people = this._call.people.everybody();
    write(this._title, sayCount('hosting.here', people.length));
    this._here.show(people);
    const gone = [...this._hosting.removed].map(([id, name]) => ({ participant_id: id, name }));
    this._removed.hidden = gone.length === 0;
    this._gone.show(gone);
  }

  _buttons(id) {
    const mute = make('button', { type: 'button', class: 'plain mute' }, icon('mic-off'));
    const remove = make('button', { type: 'button', class: 'plain danger remove' }, icon('remove'));
    mute.onclick = () => this._hosting.mute(id);
    remove.onclick = () => this._hosting.remove(id);
    return [mute, remove];
  }

  _fill(row, info) {
    const isMe = info.participant_id === this._call.participantId;
    const { name, muted, role } = info;
    const words = [isMe ? say('hosting.me') : null, say(ROLES[role]), muted ? say('call.muted') : null];
    write(row.querySelector('.whom small'), words.filter(Boolean).join(' · '));
    const [mute, remove] = row.querySelectorAll('button');
    label(mute, say(muted ? 'hosting.is_muted' : 'hosting.mute_whom', { name }));
    label(remove, say('hosting.remove_whom', { name }));
    mute.disabled = muted;
    mute.hidden = isMe;
    remove.hidden = isMe;
  }

  _again(id) {
    const button = make('button', { type: 'button', class: 'button small' }, say('hosting.let_back'));
    button.onclick = () => this._hosting.admit(id);
    return [button];
  }

  _fillGone(row, name) {
    row.querySelector('button').setAttribute('aria-label', say('hosting.let_back_whom', { name }));
  }
}

function label(button, words) {
  button.title = words;
  button.setAttribute('aria-label', words);
}
