// Short messages that come and go, read out by screen readers as status.

import { icon, make } from '../base/dom.js';
import { say } from '../base/strings.js';

const SHOWN_MS = 8000;
// One that asks something: there is time to find the button by keyboard.
const ASKS_MS = 20_000;
// Messages on the screen at once; when there are more, the oldest goes, one that would have gone by itself first.
const KEPT = 3;

/** The corner where notices appear. */
export class Notices {
  constructor(corner) {
    this._corner = corner;
  }

  /**
   * Shows a text; one that is there already is not shown twice. `stays` keeps it until it is dismissed. `action` is what can
   * be done about it at once: { label, run }.
   */
  show(text, { stays = false, action = null } = {}) {
    this.hide(text);
    const close = make('button', { type: 'button', class: 'plain', 'aria-label': say('notice.dismiss') }, icon('close'));
    const notice = make('div', { class: 'notice' }, make('p', { dir: 'auto' }, text), close);
    if (stays) notice.dataset.stays = '';
    if (action) close.before(this._button(notice, action));
    close.onclick = () => remove(notice);
    this._corner.append(notice);
    while (this._corner.children.length > KEPT) {
      const going = this._corner.querySelector('.notice:not([data-stays]):not(:last-child)');
      remove(going ?? this._corner.firstElementChild);
    }
    if (!stays) setTimeout(() => remove(notice), action ? ASKS_MS : SHOWN_MS);
  }

  _button(notice, { label, run }) {
    const button = make('button', { type: 'button', class: 'act' }, label);
    button.onclick = () => {
      remove(notice);
      run();
    };
    return button;
  }

  /** Takes all away. */
  clear() {
    this._corner.replaceChildren();
  }

  /** Takes a text away. */
  hide(text) {
    for (const notice of [...this._corner.children]) {
      if (notice.querySelector('p').textContent === text) remove(notice);
    }
  }
}

/** Takes one away; who was at it by keyboard is not sent to the top of the page, but to the next one or the controls. */
function remove(notice) {
  const had = notice.contains(document.activeElement);
  const next = notice.nextElementSibling ?? notice.previousElementSibling;
  notice.remove();
  if (had) (next?.querySelector('button') ?? document.getElementById('mute'))?.focus({ preventScroll: true });
}
