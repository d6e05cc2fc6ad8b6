// A menu of languages that can be searched: a combobox with a list (WAI-ARIA APG), upon a <select> that keeps the value.
//
// The <select> stays in the page, out of sight: whatever sets or reads its value, as forms, scripts and tests do, need not
// know of the combobox. To the reader there is one field; what is typed into it is looked for in the language of the page,
// in each language itself, and among the tags.

import { make, icon } from './dom.js';
import { say } from './strings.js';

// With so few a list needs no search, so that no phone shows its keyboard over it.
const FEW = 8;
// Pixels: between field and list, to the edge of the screen, and a height with which a list is of use.
const GAP = 6;
const MARGIN = 8;
const USEFUL = 220;
const HIGHEST = 380;

/** Gives a text without what readers may leave out when they type: accents, and capitals. */
function folded(text) {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** How well a language answers what was typed: 0 best, Infinity not at all. */
function rank({ tag, label, own }, typed) {
  const names = [label, own].filter(Boolean).map(folded);
  if (tag.toLowerCase() === typed || names.some((name) => name.startsWith(typed))) return 0;
  if (names.some((name) => name.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(typed)))) return 1;
  return names.some((name) => name.includes(typed)) ? 2 : Infinity;
}

/** One menu. */
export class LanguagePicker {
  /**
   * `select` is replaced to the eye. Its `<label for>` names the field, or else `label` does. `onChange(tag)` is called when
   * somebody has chosen.
   */
  constructor(select, { label, onChange = () => {} } = {}) {
    this._select = select;
    this._options = [];
    // Those that answer what is typed, their elements, and which of them is the one that Enter takes; -1 if none.
    this._shown = [];
    this._active = -1;
    this._isOpen = false;
    // Whether the field holds what is looked for, and not the language chosen.
    this._isTyped = false;
    this._build(label);
    this._wire();
    select.addEventListener('change', () => {
      this._showValue();
      onChange(this.value);
    });
  }

  get value() {
    return this._select.value;
  }

  set value(tag) {
    this._select.value = tag;
    this._showValue();
  }

  /**
   * Offers [tag, label, more]: `more` may have the language's `own` name for itself, and a `note`. What is chosen stays
   * chosen, if it is still offered.
   */
  setOptions(options, chosen = this.value) {
    const entries = options.map(([tag, label, more]) => ({ tag, label, own: more?.own ?? '', note: more?.note ?? '' }));
    const isNew = JSON.stringify(entries) !== JSON.stringify(this._options);
    if (isNew) {
      this._options = entries;
      this._select.replaceChildren(...entries.map(({ tag, label }) => new Option(label, tag)));
      this._text.inputMode = entries.length > FEW ? 'search' : 'none';
    }
    if (isNew || chosen !== this.value) this.value = chosen;
    if (isNew && this._isOpen) this._fill();
  }

  _build(label) {
    const { id } = this._select;
    this._text = make('input', {
      id: `${id}-text`, type: 'text', role: 'combobox', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false',
      enterkeyhint: 'done', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': `${id}-list`,
      'aria-describedby': this._select.getAttribute('aria-describedby'),
    });
    this._list = make('ul', { id: `${id}-list`, role: 'listbox' });
    this._none = make('p', { class: 'picker-none', role: 'status' });
    this._popup = make('div', { class: 'picker-popup', popover: 'manual' }, this._list, this._none);
    this._popup.hidden = true;
    const named = document.querySelector(`label[for="${id}"]`);
    if (named) {
      named.htmlFor = this._text.id;
      named.id ||= `${id}-label`;
      this._list.setAttribute('aria-labelledby', named.id);
    } else {
      for (const element of [this._text, this._list]) element.setAttribute('aria-label', label);
    }
    const box = make('div', { class: 'picker' });
    this._select.before(box);
    this._select.classList.add('picker-value');
    this._select.tabIndex = -1;
    this._select.setAttribute('aria-hidden', 'true');
    this._select.removeAttribute('aria-describedby');
    box.append(this._select, this._text, icon('chevron'), this._popup);
  }

  _wire() {
    this._text.onkeydown = (event) => this._pressed(event);
    this._text.oninput = () => this._typed();
    this._text.onfocus = () => this._text.select();
    this._text.onclick = () => (this._isOpen && !this._isTyped ? this.close() : this.open());
    this._text.onblur = () => this.close();
    // Focus stays in the field, whose list this is.
    this._popup.onpointerdown = (event) => event.preventDefault();
    this._popup.onmousedown = (event) => event.preventDefault();
    this._list.onclick = ({ target }) => {
      const option = target.closest('[role=option]');
      if (option) this._choose(this._shown[[...this._list.children].indexOf(option)]);
    };
    this._follow = () => this._place();
  }

  // Opening and closing.

  open() {
    if (this._isOpen || this._options.length === 0) return;
    this._isOpen = true;
    this._popup.hidden = false;
    // The top layer: above dialogs, and cut off by nothing.
    this._popup.showPopover?.();
    this._text.setAttribute('aria-expanded', 'true');
    window.addEventListener('scroll', this._follow, true);
    for (const target of [window, window.visualViewport]) target?.addEventListener('resize', this._follow);
    this._fill();
  }

  /** Closes without a choice. */
  close() {
    this._isTyped = false;
    this._showValue();
    if (!this._isOpen) return;
    this._isOpen = false;
    this._popup.hidePopover?.();
    this._popup.hidden = true;
    this._text.setAttribute('aria-expanded', 'false');
    this._text.removeAttribute('aria-activedescendant');
    window.removeEventListener('scroll', this._follow, true);
    for (const target of [window, window.visualViewport]) target?.removeEventListener('resize', this._follow);
  }

  /** Puts the list below the field or above it, wherever there is room beside a phone's keyboard. */
  _place() {
    const { left, top, bottom, width } = this._text.getBoundingClientRect();
    const view = window.visualViewport ?? { offsetTop: 0, height: window.innerHeight };
    const above = top - view.offsetTop - GAP - MARGIN;
    const below = view.offsetTop + view.height - bottom - GAP - MARGIN;
    const isAbove = below < USEFUL && above > below;
    const { style } = this._popup;
    style.left = `${left}px`;
    style.width = `${width}px`;
    style.maxHeight = `${Math.max(MARGIN, Math.min(HIGHEST, isAbove ? above : below))}px`;
    style.top = isAbove ? 'auto' : `${bottom + GAP}px`;
    style.bottom = isAbove ? `${document.documentElement.clientHeight - top + GAP}px` : 'auto';
  }

  // What the list shows.

  _fill() {
    const typed = this._isTyped ? folded(this._text.value.trim()) : '';
    const ranked = this._options.map((option) => ({ option, at: typed ? rank(option, typed) : 0 }));
    // Sorting keeps the order of those that are as good as each other.
    this._shown = ranked.filter(({ at }) => at < Infinity).sort((a, b) => a.at - b.at).map(({ option }) => option);
    this._list.replaceChildren(...this._shown.map((option, index) => this._element(option, index)));
    this._list.hidden = this._shown.length === 0;
    this._none.textContent = this._shown.length === 0 ? say('picker.none', { typed: this._text.value.trim() }) : '';
    const chosen = this._shown.findIndex(({ tag }) => tag === this.value);
    this._place();
    this._activate(typed ? Math.min(0, this._shown.length - 1) : chosen);
  }

  _element({ tag, label, own, note }, index) {
    const element = make('li', { id: `${this._list.id}-${index}`, role: 'option', 'aria-selected': String(tag === this.value) });
    element.append(icon('check'), make('span', { class: 'picker-name' }, label));
    if (own && folded(own) !== folded(label)) {
      element.append(make('span', { class: 'picker-own', lang: tag, dir: 'auto' }, own));
    }
    if (note) element.append(make('span', { class: 'picker-note' }, note));
    return element;
  }

  _activate(index) {
    this._list.children[this._active]?.classList.remove('is-active');
    this._active = index;
    const element = this._list.children[index];
    element?.classList.add('is-active');
    element?.scrollIntoView({ block: 'nearest' });
    if (element) this._text.setAttribute('aria-activedescendant', element.id);
    else this._text.removeAttribute('aria-activedescendant');
  }

  // What the reader does.

  _typed() {
    this._isTyped = true;
    if (this._isOpen) this._fill();
    else this.open();
  }

  _pressed(event) {
    const { key, altKey } = event;
    if (key === 'Tab') {
      if (this._isOpen && this._isTyped && this._active >= 0) this._choose(this._shown[this._active]);
      return;
    }
    if (!this._isOpen) {
      if (key !== 'ArrowDown' && key !== 'ArrowUp') return;
      this.open();
    } else if (key === 'Enter') {
      if (this._active >= 0) this._choose(this._shown[this._active]);
    } else if (key === 'Escape' || (key === 'ArrowUp' && altKey)) {
      this.close();
      this._text.select();
    } else if (!this._move(key)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  _move(key) {
    const last = this._shown.length - 1;
    if (last < 0) return key === 'ArrowDown' || key === 'ArrowUp';
    const page = Math.max(1, Math.floor(this._popup.clientHeight / (this._list.firstElementChild.offsetHeight || 1)) - 1);
    const next = {
      ArrowDown: this._active >= last ? 0 : this._active + 1,
      ArrowUp: this._active <= 0 ? last : this._active - 1,
      PageDown: Math.min(last, this._active + page),
      PageUp: Math.max(0, this._active - page),
    }[key];
    if (next === undefined) return false;
    this._activate(next);
    return true;
  }

  _choose({ tag }) {
    const isOther = tag !== this.value;
    this._select.value = tag;
    this.close();
    this._text.select();
    if (isOther) this._select.dispatchEvent(new Event('change', { bubbles: true }));
  }

  _showValue() {
    if (this._isTyped) return;
    this._text.value = this._options.find(({ tag }) => tag === this.value)?.label ?? '';
  }
}
