// Short messages that come and go, read out by screen readers as status.

import { icon, make } from '../base/dom.js';
import { say } from '../base/strings.js';

const SHOWN_MS = 8000;
// Messages on the screen at once; when there are more, the oldest goes.
const KEPT = 3;

/** The corner where notices appear. */
export class Notices {
  constructor(corner) {
    this._corner = corner;
  }

  /** Shows a text; one that is there already is not shown twice. `stays` keeps it until it is dismissed. */
  show(text, { stays = false } = {}) {
    this.hide(text);
    const close = make('button', { type: 'button', class: 'plain', 'aria-label': say('notice.dismiss') }, icon('close'));
    const notice = make('div', { class: 'notice' }, make('p', { dir: 'auto' }, text), close);
    close.onclick = () => notice.remove();
    this._corner.append(notice);
    while (this._corner.children.length > KEPT) this._corner.firstElementChild.remove();
    if (!stays) setTimeout(() => notice.remove(), SHOWN_MS);
  }

  /** Takes all away. */
  clear() {
    this._corner.replaceChildren();
  }

  /** Takes a text away. */
  hide(text) {
    for (const notice of [...this._corner.children]) {
      if (notice.querySelector('p').textContent === text) notice.remove();
    }
  }
}
