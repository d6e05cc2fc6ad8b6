// Which languages can be spoken and heard here, and what they are called in the reader's own language.

import { listed, locale, say } from './strings.js';

export const AUTO = 'auto';
// With more of them a sentence that names them all helps nobody.
const NAMED = 4;

/** Gives the spoken language of a tag: without region and script. */
export function base(tag) {
  return tag.toLowerCase().split('-')[0];
}

/** Gives the reader's own languages, as their browser has them. */
function own() {
  return [...new Set(navigator.languages.map(base))];
}

/** The two menus, from `/api/v1/languages`. One for the whole page: what it offers changes in place. */
export class Languages {
  /** `allowed`: the tags that my invitation opens to me, null for all. */
  constructor({ allowed = null } = {}) {
    this._allowed = allowed?.map(base) ?? null;
    // Whether the server has said what it can do. Until then the reader's own languages are offered.
    this.isKnown = false;
    this.speak = own().map((language) => ({ language, recognised: true }));
    this.listen = own().map((language) => ({ language, sources: [] }));
    // Whether a synthesizer here can speak in somebody's own voice.
    this.ownVoice = false;
    this._names = new Intl.DisplayNames([locale()], { type: 'language' });
    // Tag -> what the language calls itself.
    this._ownNames = new Map();
  }

  /** Asks the server what is possible now. Throws when it does not say; then what was offered stays. */
  async load() {
    const response = await fetch('/api/v1/languages');
    if (!response.ok) throw new Error(`the languages are missing: ${response.status}`);
    const offered = await response.json();
    this.speak = offered.speak;
    this.listen = offered.listen;
    this.ownVoice = offered.own_voice === true;
    // Nothing is translated here (yet): people still understand each other in languages of their own.
    if (this.listen.length === 0) {
      this.speak = own().map((language) => ({ language, recognised: false }));
      this.listen = own().map((language) => ({ language, sources: [] }));
    }
    this.isKnown = true;
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
    return tag === AUTO ? say('join.auto') : named(this._names, tag, locale());
  }

  /** Names a language as within a sentence, where not all languages write it large: 'Habla español'. */
  nameWithin(tag) {
    try {
      return this._names.of(tag) ?? tag;
    } catch {
      return tag;
    }
  }

  /** Gives what the speakers of a language call it: 'Español'. */
  ownName(tag) {
    if (!this._ownNames.has(tag)) this._ownNames.set(tag, selfNamed(tag));
    return this._ownNames.get(tag);
  }

  /** Whether speech in this language becomes text here. */
  isRecognised(tag) {
    return tag === AUTO || this.speak.some((entry) => entry.recognised && base(entry.language) === base(tag));
  }

  /** Whether a language can be heard by somebody who did not speak it. */
  isReachable(tag) {
    return this.sourcesOf(tag).length > 0;
  }

  /** Gives the spoken languages, other than itself, from which a language can be had now. */
  sourcesOf(tag) {
    const sources = this.listen.filter(({ language }) => base(language) === base(tag)).flatMap((entry) => entry.sources);
    return [...new Set(sources.map(base))].filter((source) => source !== base(tag));
  }

  // In words.

  /** What becomes of what I say in a language, if there is something to know; else ''. */
  speakHint(tag) {
    if (!this.isKnown || tag === AUTO) return '';
    const values = { language: this.nameWithin(tag) };
    if (!this.isRecognised(tag)) return say('join.untranslated_hint', values);
    const isTranslated = this.listen.some(({ language }) => this.sourcesOf(language).includes(base(tag)));
    return isTranslated ? '' : say('join.captions_hint', values);
  }

  /** What I shall hear in a language, if not everybody; else ''. */
  hearHint(tag) {
    if (!this.isKnown) return '';
    const sources = this.sourcesOf(tag);
    const recognised = this.speak.filter((entry) => entry.recognised).map((entry) => base(entry.language));
    const missing = recognised.filter((source) => source !== base(tag) && !sources.includes(source));
    if (sources.length === 0) {
      // Where only this one is spoken, nothing is missing.
      return recognised.includes(base(tag)) && missing.length === 0 ? '' : say('join.unreachable_hint', { language: this.nameWithin(tag) });
    }
    if (missing.length === 0 || sources.length > NAMED) return '';
    return say('join.partly_hint', { language: this.nameWithin(tag), sources: listed(sources.map((source) => this.nameWithin(source))) });
  }

  // The menus: [tag, label, { own, note }].

  speakOptions() {
    const options = this.speak
      .filter(({ language }) => this._isAllowed(language))
      .sort((a, b) => Number(b.recognised) - Number(a.recognised) || this._byName(a, b))
      .map(({ language, recognised }) => this._option(language, recognised ? '' : say('join.untranslated')));
    // What is found out could be any language.
    return this._allowed ? options : [[AUTO, this.name(AUTO), { own: '', note: '' }], ...options];
  }

  hearOptions() {
    return this.listen
      .filter(({ language }) => this._isAllowed(language))
      .sort((a, b) => this._byName(a, b))
      .map(({ language }) => this._option(language, ''));
  }

  /** Gives the option nearest to what somebody wants, in their order; nothing if none is near. */
  static nearest(options, wanted) {
    const tags = options.map(([tag]) => tag);
    for (const tag of wanted.filter(Boolean)) {
      const found = tags.find((each) => each === tag) ?? tags.find((each) => base(each) === base(tag));
      if (found) return found;
    }
    return undefined;
  }

  /** Fills a menu and chooses what is chosen: one that nothing offers now is there all the same. */
  fillMenu(picker, options, chosen) {
    const found = Languages.nearest(options, [chosen]) ?? chosen;
    const isOffered = options.some(([tag]) => tag === found);
    picker.setOptions(isOffered ? options : [...options, this._option(found, '')], found);
  }

  _isAllowed(tag) {
    return this._allowed === null || this._allowed.includes(base(tag));
  }

  _option(tag, note) {
    return [tag, this.name(tag), { own: tag === AUTO ? '' : this.ownName(tag), note }];
  }

  _byName(a, b) {
    return this.name(a.language).localeCompare(this.name(b.language), locale());
  }
}

function named(names, tag, language) {
  try {
    const name = names.of(tag) ?? tag;
    return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
  } catch {
    return tag;
  }
}

function selfNamed(tag) {
  try {
    // Without the last resort: a browser that does not know a language would answer in the page's.
    const names = new Intl.DisplayNames([tag], { type: 'language', fallback: 'none' });
    return base(names.resolvedOptions().locale) === base(tag) ? named(names, tag, tag) : '';
  } catch {
    return '';
  }
}
