// The bar below: as many of its controls as there is room for, and the others in the menu behind "More".

import { byId } from '../base/dom.js';
import { Popover } from '../base/popover.js';

/**
 * Controls with `data-fold` move into the menu when the bar gets too narrow for all, the lowest number first, and back.
 * What fits depends on the window, the language and the size of text, so it is measured.
 */
export class Toolbar {
  constructor() {
    this._bar = byId('controls');
    this._menu = byId('more-menu');
    this._folded = byId('folded');
    // Each with a comment in its place in the bar.
    this._foldable = [...this._bar.querySelectorAll('[data-fold]')].map((control) => {
      const place = document.createComment(control.id);
      control.before(place);
      return { control, place };
    });
    this._foldable.sort((a, b) => a.control.dataset.fold - b.control.dataset.fold);
    this._width = 0;
    this._watchMenu();
    new ResizeObserver(() => this._resized()).observe(this._bar);
    // Labels change, and controls come and go.
    this._changes = new MutationObserver(() => this.fit());
    this._observe();
  }

  /** Puts everything where there is room for it. */
  fit() {
    this._changes.disconnect();
    const focused = document.activeElement;
    for (const { control, place } of this._foldable) if (control.parentNode !== this._bar) place.after(control);
    for (const { control } of this._foldable) {
      if (this._bar.scrollWidth <= this._bar.clientWidth) break;
      if (control.hidden) continue;
      control.dataset.beside = 'more';
      this._folded.append(control);
    }
    if (focused !== document.activeElement) this._restore(focused);
    this._showBadge();
    this._observe();
  }

  _resized() {
    if (this._bar.clientWidth === this._width) return;
    this._width = this._bar.clientWidth;
    this.fit();
  }

  _observe() {
    const wanted = { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['hidden'] };
    this._changes.observe(this._bar, wanted);
    this._changes.observe(this._folded, wanted);
  }

  /** A control that moved keeps the focus, unless it went into the closed menu. */
  _restore(focused) {
    focused.focus({ preventScroll: true });
    if (document.activeElement !== focused) byId('more').focus({ preventScroll: true });
  }

  /** Whatever asks for attention inside the menu asks for it on its button. */
  _showBadge() {
    const inside = this._folded.querySelector('.badge:not([hidden])');
    const badge = byId('more').querySelector('.badge');
    badge.hidden = !inside;
    badge.textContent = inside?.textContent ?? '';
  }

  _watchMenu() {
    const more = byId('more');
    const popover = new Popover(this._menu);
    more.onclick = () => popover.toggle(more);
    // Before the control does what it does: it opens a dialog perhaps, which gives the focus back to the button.
    this._menu.addEventListener(
      'click',
      ({ target }) => {
        if (!target.closest('#folded > button, #more-menu > button')) return;
        popover.close();
        more.focus();
      },
      { capture: true },
    );
  }
}
