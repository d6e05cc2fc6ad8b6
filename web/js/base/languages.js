// Which languages can be spoken and heard here, and what they are called in the reader's own language.

import { locale, say } from './strings.js';

export const AUTO = 'auto';

/** Gives the spoken language of a tag: without region and script. */
export function base(tag) {
  return tag.toLowerCase().split('-')[0];
}

/** The two menus, from `/api/v1/languages`. One for the whole page: what it offers changes in place. */
export class Languages {
  constructor() {
    this.speak = [];
    this.listen = [];
    this._names = new Intl.DisplayNames([locale()], { type: 'language' });
  }

  /** Asks the server what is possible now. Throws when it does not say; then what was offered stays. */
  async load() {
    const response = await fetch('/api/v1/languages');
    if (!response.ok) throw new Error(`the languages are missing: ${response.status}`);
    const offered = await response.json();
    this.speak = offered.speak;
    this.listen = offered.listen;
    // Nothing is translated here (yet): people still understand each other in languages of their own.
    if (this.listen.length === 0) {
      const own = [...new Set(navigator.languages.map(base))];
      this.speak = own.map((language) => ({ language, recognised: false }));
      this.listen = own.map((language) => ({ language, sources: [] }));
    }
  }

  /** Asks again. Gives false when the server does not say (it may be starting anew): what was offered stays. */
  async refresh() {
    try {
      await this.load();
      return true;
    } catch {
      return false;
    }
  }

  /** Names a language; `auto` as what it means. */
  name(tag) {
    if (tag === AUTO) return say('join.auto');
    let name;
    try {
      name = this._names.of(tag) ?? tag;
    } catch {
      return tag;
    }
    return name.charAt(0).toLocaleUpperCase(locale()) + name.slice(1);
  }

  /** Whether speech in this language becomes text here. */
  isRecognised(tag) {
    return tag === AUTO || this.speak.some((entry) => entry.recognised && base(entry.language) === base(tag));
  }

  /** Whether a language can be heard by somebody who did not speak it. */
  isReachable(tag) {
    return this.listen.some(
      (entry) => base(entry.language) === base(tag) && entry.sources.some((source) => base(source) !== base(tag)),
    );
  }

  /** Gives [tag, label] for the menu "I speak". */
  speakOptions() {
    const options = this.speak.map(({ language, recognised }) => [
      language,
      recognised ? this.name(language) : say('join.untranslated', { language: this.name(language) }),
      recognised ? 0 : 1,
    ]);
    options.sort((a, b) => a[2] - b[2] || a[1].localeCompare(b[1], locale()));
    return [[AUTO, this.name(AUTO)], ...options.map(([tag, label]) => [tag, label])];
  }

  /** Gives [tag, label] for the menu "I want to hear". */
  hearOptions() {
    return this.listen
      .map(({ language }) => [language, this.name(language)])
      .sort((a, b) => a[1].localeCompare(b[1], locale()));
  }

  /** Gives the option nearest to what somebody wants, in their order; nothing if none is near. */
  static nearest(options, wanted) {
    const tags = options.map(([tag]) => tag);
    for (const tag of wanted.filter(Boolean)) {
      const found = tags.find((own) => own === tag) ?? tags.find((own) => base(own) === base(tag));
      if (found) return found;
    }
    return undefined;
  }

  /** Fills a menu and chooses what is chosen: one that nothing offers now is there all the same. */
  fillMenu(select, options, chosen) {
    const found = Languages.nearest(options, [chosen]) ?? chosen;
    const isOffered = options.some(([tag]) => tag === found);
    const all = isOffered ? options : [...options, [found, this.name(found)]];
    select.replaceChildren(...all.map(([tag, label]) => new Option(label, tag)));
    select.value = found;
  }
}
