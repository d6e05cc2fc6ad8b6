// The edge between people and captions, which can be moved where they stand beside each other.

import { prefer, preferred } from './preferences.js';

// All in rem. How wide captions are at least, usually, and at most; and how far a key moves the edge.
const LEAST = 20;
const USUAL = 27;
const MOST = 60;
const STEP = 1;

/** The edge: by mouse, finger or keys; a double press makes it usual again. */
export class Edge {
  /** `edge` has role=separator; the width goes into `--captions-width` of `call`. */
  constructor(edge, panel, call) {
    this._edge = edge;
    this._panel = panel;
    this._call = call;
    edge.setAttribute('aria-valuemin', LEAST);
    edge.setAttribute('aria-valuemax', MOST);
    this._set(preferred().width);
    edge.onpointerdown = (event) => this._grab(event);
    edge.ondblclick = () => this._choose(USUAL);
    edge.onkeydown = (event) => this._key(event);
  }

  _grab(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this._edge.focus({ preventScroll: true });
    this._edge.setPointerCapture(event.pointerId);
    this._edge.onpointermove = ({ clientX }) => this._set(this._widthTo(clientX));
    const release = () => {
      this._edge.onpointermove = null;
      prefer({ width: this._width });
    };
    this._edge.onlostpointercapture = release;
  }

  /** Gives the width with which the edge would be under a pointer. */
  _widthTo(x) {
    const { left, right } = this._panel.getBoundingClientRect();
    const pixels = this._isMirrored ? x - left : right - x;
    return pixels / parseFloat(getComputedStyle(document.documentElement).fontSize);
  }

  _key(event) {
    const wider = this._isMirrored ? 'ArrowRight' : 'ArrowLeft';
    const narrower = this._isMirrored ? 'ArrowLeft' : 'ArrowRight';
    const widths = { [wider]: this._width + STEP, [narrower]: this._width - STEP, Home: LEAST, End: MOST };
    if (!(event.key in widths)) return;
    event.preventDefault();
    this._choose(widths[event.key]);
  }

  get _isMirrored() {
    return document.documentElement.dir === 'rtl';
  }

  _choose(width) {
    this._set(width);
    prefer({ width: this._width });
  }

  _set(width) {
    this._width = Math.min(MOST, Math.max(LEAST, Math.round(width * 10) / 10 || USUAL));
    this._call.style.setProperty('--captions-width', `${this._width}rem`);
    this._edge.setAttribute('aria-valuenow', Math.round(this._width));
  }
}
