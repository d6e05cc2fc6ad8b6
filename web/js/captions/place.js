// Which part of the captions is in sight: whoever reads along keeps the newest line, whoever reads back keeps their place.

// Pixels from the end within which somebody reads along.
const NEAR = 48;
// Where a browser keeps the place of who reads back by itself (all but Safari).
const KEEPS_PLACE = globalThis.CSS?.supports?.('overflow-anchor', 'auto') ?? false;

/** The place of the reader in a box that scrolls over a list. */
export class Place {
  /** `newest` is the button that leads to the end. */
  constructor(box, list, newest) {
    this._box = box;
    this._list = list;
    this._newest = newest;
    this._readsAlong = true;
    this._height = box.clientHeight;
    // The first block in sight of who reads back, and how far it stands below the upper edge.
    this._anchor = null;
    // Where the box was scrolled to, to keep the anchor where it is.
    this._keptAt = null;
    // The line whose height is held.
    this._held = null;
    this._width = 0;
    // Where `toEnd` came to.
    this._end = 0;
    box.onscroll = () => this._scrolled();
    newest.onclick = () => this.toEnd();
    // Called between layout and painting, so nothing is ever seen in the wrong place, and no layout is asked for twice.
    this._sizes = new ResizeObserver(() => this._resized());
    this._sizes.observe(box);
    this._sizes.observe(list);
    this._setReadsAlong(true);
  }

  close() {
    this._sizes.disconnect();
    this._box.onscroll = null;
    this._newest.hidden = true;
  }

  /** Something new is there, which somebody who reads back does not see. */
  announce() {
    if (this._readsAlong) return;
    this._newest.hidden = false;
    // As much may have gone above as came below: then no size has changed.
    if (this._anchor) requestAnimationFrame(() => this._anchor && this._keepAnchor());
  }

  /** Text is of another size now: no height is held any more. */
  release() {
    this._held?.style.removeProperty('min-block-size');
    this._held = null;
  }

  toEnd() {
    this._box.scrollTop = this._box.scrollHeight;
    this._end = this._box.scrollTop;
    this._setReadsAlong(true);
  }

  /** Brings something at a place on the screen into sight, in the middle. */
  bring({ top, bottom }) {
    const box = this._box.getBoundingClientRect();
    if (top >= box.top && bottom <= box.bottom) return;
    this._box.scrollTop += (top + bottom) / 2 - (box.top + box.bottom) / 2;
  }

  _scrolled() {
    // Not somebody's scrolling, but another height: `_resized` is about to come.
    if (this._box.clientHeight !== this._height) return;
    // Nor is this: there may be more above by now, for which `_resized` is about to make up.
    if (this._anchor && this._box.scrollTop === this._keptAt) return;
    // Nor our own, told of after there was more text.
    if (this._readsAlong && this._box.scrollTop >= this._end) return;
    this._setReadsAlong(this._isAtEnd());
    this._anchor = this._readsAlong || KEEPS_PLACE ? null : this._findAnchor();
  }

  _setReadsAlong(readsAlong) {
    this._readsAlong = readsAlong;
    this._newest.hidden = readsAlong;
    // Who reads along is not to be kept where they are when the oldest goes.
    this._box.style.overflowAnchor = readsAlong ? 'none' : '';
  }

  /** There is more or less text, or more or less room: a notice came, a phone was turned. */
  _resized() {
    this._height = this._box.clientHeight;
    this._hold();
    if (this._readsAlong) this.toEnd();
    else if (this._anchor) this._keepAnchor();
  }

  /**
   * Interim text that gets shorter does not pull down what is above it: its line stays as high as it was, until another
   * one comes below.
   */
  _hold() {
    const line = this._list.lastElementChild?.querySelector('.line:last-of-type');
    if (!line) return;
    if (line !== this._held) {
      this._held?.style.removeProperty('min-block-size');
      this._held = line;
      this._width = line.clientWidth;
    }
    // Another width has other line breaks.
    if (line.clientWidth !== this._width) line.style.removeProperty('min-block-size');
    this._width = line.clientWidth;
    line.style.minBlockSize = `${line.offsetHeight}px`;
  }

  _findAnchor() {
    const top = this._box.getBoundingClientRect().top;
    // Blocks stand one below the other: halves are enough.
    const blocks = this._list.children;
    let [from, to] = [0, blocks.length - 1];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (blocks[middle].getBoundingClientRect().bottom > top) to = middle;
      else from = middle + 1;
    }
    const block = blocks[from];
    return block ? { block, below: block.getBoundingClientRect().top - top } : null;
  }

  _keepAnchor() {
    const { block, below } = this._anchor;
    if (!block.isConnected) {
      this._anchor = this._findAnchor();
      return;
    }
    this._box.scrollTop += block.getBoundingClientRect().top - this._box.getBoundingClientRect().top - below;
    this._keptAt = this._box.scrollTop;
  }

  _isAtEnd() {
    return this._box.scrollHeight - this._box.scrollTop - this._box.clientHeight < NEAR;
  }
}
