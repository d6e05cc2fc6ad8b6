// How the captions look: size of text, originals, shown or hidden, how wide.

import { byId } from '../base/dom.js';
import { say } from '../base/strings.js';
import { prefer, preferred } from './preferences.js';

// Of text, in per cent of the usual.
const SIZES = [85, 100, 120, 145, 175, 210];
const USUAL = 1;

/** The looks of the panel, as somebody chose them. */
export class Looks {
  /** `onChange()` is called when text takes another height. */
  constructor(panel, { onChange }) {
    this._panel = panel;
    this._onChange = onChange;
    const { size, originals } = preferred();
    this._setSize(SIZES[size] ? size : USUAL);
    byId('smaller').onclick = () => this._resize(-1);
    byId('larger').onclick = () => this._resize(1);
    byId('show-originals').checked = originals;
    byId('show-originals').onchange = ({ target }) => this._setOriginals(target.checked);
    this._setOriginals(originals);
  }

  _resize(by) {
    this._setSize(Math.min(SIZES.length - 1, Math.max(0, this._size + by)));
    prefer({ size: this._size });
    this._onChange();
  }

  _setSize(size) {
    this._size = size;
    this._panel.style.setProperty('--caption-scale', SIZES[size] / 100);
    byId('text-size').textContent = say('captions.per_cent', { number: SIZES[size] });
    byId('smaller').disabled = size === 0;
    byId('larger').disabled = size === SIZES.length - 1;
  }

  _setOriginals(shown) {
    this._panel.classList.toggle('hides-originals', !shown);
    prefer({ originals: shown });
    this._onChange();
  }
}
