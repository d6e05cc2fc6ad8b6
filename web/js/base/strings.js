// What the page says, in the reader's language: strings/<language>.json.

const LOCALES = ['en', 'es'];
const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur']);

let texts = {};
let current = 'en';

/** The language of the page's own words, for names of languages and the like. */
export function locale() {
  return current;
}

/** Loads the first of the wanted languages that is there; English if none is. `?ui=es` in the address wins. */
export async function loadStrings(wanted = navigator.languages) {
  const asked = new URLSearchParams(location.search).get('ui');
  const bases = [asked, ...wanted].filter(Boolean).map((tag) => tag.toLowerCase().split('-')[0]);
  current = bases.find((base) => LOCALES.includes(base)) ?? 'en';
  const response = await fetch(`/assets/strings/${current}.json`);
  if (!response.ok) throw new Error(`the page's strings are missing: ${response.status}`);
  texts = await response.json();
  document.documentElement.lang = current;
  document.documentElement.dir = RIGHT_TO_LEFT.has(current) ? 'rtl' : 'ltr';
}

/** Gives a text, with `{name}` replaced by values.name. Throws on a key that no file has. */
export function say(key, values = {}) {
  const text = texts[key];
  if (text === undefined) throw new Error(`no string ${key} in ${current}.json`);
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Whether there is such a text. */
export function has(key) {
  return key in texts;
}

/** Puts the texts into the elements that name them by `data-string`, `data-string-label` and `data-string-title`. */
export function applyStrings(root = document) {
  for (const element of root.querySelectorAll('[data-string]')) element.textContent = say(element.dataset.string);
  for (const element of root.querySelectorAll('[data-string-label]')) {
    element.setAttribute('aria-label', say(element.dataset.stringLabel));
  }
  for (const element of root.querySelectorAll('[data-string-title]')) element.title = say(element.dataset.stringTitle);
}
