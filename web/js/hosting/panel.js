// The hosts' panel: who waits, how the room is set, who is here, who was removed, and the end.

import { byId, icon, make } from '../base/dom.js';
import { say } from '../base/strings.js';
import { GuestList } from './guest_list.js';
import { MemberList } from './member_list.js';

// How long somebody has waited is told in minutes.
const LATER_MS = 20_000;

/** The panel and its button in the bar, for one call. */
export class HostPanel {
  constructor(hosting, call) {
    this._hosting = hosting;
    this._call = call;
    this._panel = byId('hosting');
    this._button = byId('toggle-hosting');
    this._button.onclick = () => (this.isOpen ? this.close() : this.open());
    this._guests = new GuestList(hosting, call);
    this._members = new MemberList(hosting, call);
    this._build();
    this._panel.onkeydown = (event) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      event.preventDefault();
      this.close();
    };
    const timer = setInterval(() => { if (this.isOpen) this._guests.showTimes(); }, LATER_MS);
    call.whenOver(() => clearInterval(timer));
  }

  get isOpen() {
    return !this._panel.hidden;
  }

  open() {
    if (!this._hosting.isHost) return;
    this._hosting.forgetKnocks();
    this._panel.hidden = false;
    this._button.setAttribute('aria-expanded', 'true');
    this.show();
    this._panel.focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    const had = this._panel.contains(document.activeElement);
    this._panel.hidden = true;
    this._button.setAttribute('aria-expanded', 'false');
    if (had) (this._button.checkVisibility() ? this._button : byId('more')).focus({ preventScroll: true });
  }

  /** Shows what holds now: the button for hosts only, and in the open panel everything. */
  show() {
    const { isHost, waiting, room } = this._hosting;
    if (!isHost) this.close();
    if (this._button.hidden === isHost) this._button.hidden = !isHost;
    this._showBadge(isHost ? waiting.length : 0);
    if (!this.isOpen) return;
    this._guests.show();
    this._members.show();
    this._lobby.checked = room?.lobby ?? false;
    this._lock.checked = room?.locked ?? false;
  }

  _showBadge(count) {
    const badge = this._button.querySelector('.badge');
    if (badge.textContent !== String(count)) badge.textContent = String(count);
    if (badge.hidden !== (count === 0)) badge.hidden = count === 0;
    const label = count ? `${say('controls.hosting')}: ${say('hosting.waiting')} ${count}` : null;
    if (label) this._button.setAttribute('aria-label', label);
    else this._button.removeAttribute('aria-label');
  }

  // Building.

  _build() {
    const close = make('button', { type: 'button', class: 'plain', 'aria-label': say('dialog.close') }, icon('close'));
    close.onclick = () => this.close();
    this._lobby = make('input', { type: 'checkbox', id: 'lobby-on' });
    this._lobby.onchange = () => this._hosting.setLobby(this._lobby.checked);
    this._lock = make('input', { type: 'checkbox', id: 'room-locked' });
    this._lock.onchange = () => this._hosting.setLocked(this._lock.checked);
    const end = make('button', { type: 'button', class: 'button small danger end', id: 'end-room' }, say('hosting.end'));
    end.onclick = () => this._hosting.endRoom();
    this._panel.replaceChildren(
      make('header', {}, make('h2', { id: 'hosting-title' }, say('hosting.title')), close),
      make(
        'div',
        { class: 'body' },
        this._guests.element,
        make(
          'section',
          {},
          make('h3', {}, say('hosting.room')),
          check(this._lobby, 'hosting.lobby', 'hosting.lobby_hint'),
          check(this._lock, 'hosting.lock', 'hosting.lock_hint'),
        ),
        ...this._members.elements,
        end,
      ),
    );
  }
}

function check(input, words, hint) {
  return make('label', { class: 'check' }, input, make('span', {}, make('b', {}, say(words)), make('small', {}, say(hint))));
}
