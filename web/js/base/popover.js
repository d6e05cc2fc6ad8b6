// A small panel beside the button that opens it. Closed by the button, by Escape, by a press elsewhere, and when focus leaves.

// Between the panel and the button, and the panel and the edge of the window, in pixels.
const GAP = 8;
const FOCUSABLE = 'button:not([hidden]):not(:disabled), input:not(:disabled), select, a[href], [tabindex="0"]';

// The one that is open, null if none is.
let open = null;

/** One panel, which several buttons may open, one at a time. */
export class Popover {
  /** `onClose` is called each time it has been closed. */
  constructor(panel, { onClose = () => {} } = {}) {
    this._panel = panel;
    this._onClose = onClose;
    // The button that it is open for, null while it is closed.
    this.button = null;
    this._watching = null;
  }

  /** Opens beside a button, or closes if it is open there. */
  toggle(button) {
    const isHere = this.button === button;
    if (this.button) this.close();
    if (!isHere) this._open(button);
    else button.focus();
  }

  close() {
    if (!this.button) return;
    this.button.setAttribute('aria-expanded', 'false');
    this.button = null;
    open = null;
    this._watching.abort();
    this._panel.hidden = true;
    this._onClose();
  }

  _open(button) {
    open?.close();
    open = this;
    this.button = button;
    button.setAttribute('aria-expanded', 'true');
    this._panel.hidden = false;
    this._place();
    this._watch();
    [...this._panel.querySelectorAll(FOCUSABLE)].find((element) => element.offsetParent)?.focus({ preventScroll: true });
  }

  _watch() {
    this._watching = new AbortController();
    const { signal } = this._watching;
    const isInside = (target) => this._panel.contains(target) || this.button.contains(target);
    document.addEventListener('pointerdown', ({ target }) => isInside(target) || this.close(), { signal, capture: true });
    this._panel.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget && this.button && !isInside(relatedTarget)) this.close();
    }, { signal });
    document.addEventListener('keydown', (event) => this._pressed(event), { signal, capture: true });
    window.addEventListener('resize', () => this._place(), { signal });
    document.addEventListener('scroll', ({ target }) => this._panel.contains(target) || this._place(), { signal, capture: true });
  }

  _pressed(event) {
    if (event.key !== 'Escape') return;
    // It closes this panel and nothing else.
    event.stopPropagation();
    event.preventDefault();
    const { button } = this;
    this.close();
    seen(button).focus();
  }

  /** Above the button or below, where there is more room, and within the window. */
  _place() {
    if (!this.button.isConnected) {
      this.close();
      return;
    }
    const at = seen(this.button).getBoundingClientRect();
    const [width, height] = [document.documentElement.clientWidth, window.innerHeight];
    const isAbove = at.top > height - at.bottom;
    const { style } = this._panel;
    style.maxHeight = `${Math.max(at.top, height - at.bottom) - 2 * GAP}px`;
    const { width: wide, height: high } = this._panel.getBoundingClientRect();
    const middle = (at.left + at.right - wide) / 2;
    style.left = `${Math.max(GAP, Math.min(middle, width - wide - GAP))}px`;
    style.top = `${isAbove ? at.top - high - GAP : at.bottom + GAP}px`;
  }
}

/** A button that was folded away stands behind another one, which it names by `data-beside`. */
function seen(button) {
  return button.checkVisibility() ? button : document.getElementById(button.dataset.beside) ?? button;
}
