// "I speak" and "I want to hear", with what there is to know of either.

import { byId } from './dom.js';
import { LanguagePicker } from './language_picker.js';

/** Two menus, with a hint below each where the page has one (`<id>-hint`). */
export class LanguageFields {
  /** `speak` and `hear` are ids of `<select>` elements; `onChange({ speaking })` or `({ listening })` tells a choice. */
  constructor(languages, { speak, hear, onChange = () => {} }) {
    this._languages = languages;
    this._speak = new LanguagePicker(byId(speak), { onChange: (speaking) => this._changed(onChange, { speaking }) });
    this._hear = new LanguagePicker(byId(hear), { onChange: (listening) => this._changed(onChange, { listening }) });
    this._speakHint = document.getElementById(`${speak}-hint`);
    this._hearHint = document.getElementById(`${hear}-hint`);
  }

  get value() {
    return { speaking: this._speak.value, listening: this._hear.value };
  }

  /** Offers what is possible now, with what is chosen. */
  fill({ speaking, listening }) {
    this._languages.fillMenu(this._speak, this._languages.speakOptions(), speaking);
    this._languages.fillMenu(this._hear, this._languages.hearOptions(), listening);
    this._showHints();
  }

  _changed(onChange, choice) {
    this._showHints();
    onChange(choice);
  }

  _showHints() {
    const { speaking, listening } = this.value;
    write(this._speakHint, this._languages.speakHint(speaking));
    write(this._hearHint, this._languages.hearHint(listening));
  }
}

/** Written only when it changes: it is read out. */
function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}
