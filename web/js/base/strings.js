// What the page says, in the reader's language: strings/<language>.json; numbers and times as that language writes them.

const LOCALES = ['en', 'es'];
// data-string-<this> names the text of that attribute.
const ATTRIBUTES = { label: 'aria-label', title: 'title', placeholder: 'placeholder', alt: 'alt' };
const RIGHT_TO_LEFT = new Set(['ar', 'ckb', 'dv', 'fa', 'he', 'ps', 'sd', 'ug', 'ur', 'yi']);

let texts = {};
let current = 'en';

/** The language of the page's own words, for names of languages and the like. */
export function locale() {
  return current;
}

/**
 * Loads the first of the wanted languages that is there; English if none is. `?ui=es` in the address wins, and may name a
 * language that is there and not offered yet: it is how a new one is tried.
 */
export async function loadStrings(wanted = navigator.languages) {
  const asked = baseOf(new URLSearchParams(location.search).get('ui') ?? '');
  const bases = [asked, ...wanted.map(baseOf)];
  const known = bases.find((base) => LOCALES.includes(base)) ?? 'en';
  const isTried = /^[a-z]{2,3}$/.test(asked) && asked !== known && (await load(asked));
  if (!isTried && !(await load(known))) throw new Error(`the page's strings are missing: ${known}.json`);
  document.documentElement.lang = current;
  document.documentElement.dir = RIGHT_TO_LEFT.has(current) ? 'rtl' : 'ltr';
}

/** Gives a text, with `{name}` replaced by values.name; numbers as the language writes them. Throws on an unknown key. */
export function say(key, values = {}) {
  const text = texts[key];
  if (text === undefined) throw new Error(`no string ${key} in ${current}.json`);
  return text.replace(/\{(\w+)\}/g, (whole, name) => written(values[name]) ?? whole);
}

/** Gives the text for so many: `key_one`, `key_other` and what else the language tells apart, with `{count}` replaced. */
export function sayCount(key, count, values = {}) {
  const form = `${key}_${new Intl.PluralRules(current).select(count)}`;
  return say(has(form) ? form : `${key}_other`, { ...values, count });
}

/** Whether there is such a text. */
export function has(key) {
  return Object.hasOwn(texts, key);
}

/** Writes a number; `options` are those of Intl.NumberFormat. */
export function number(value, options = {}) {
  return new Intl.NumberFormat(current, options).format(value);
}

/** Writes milliseconds as seconds: 3 s, or with `digits` behind the point 1.2 s. */
export function seconds(milliseconds, digits = 0) {
  return number(milliseconds / 1000, {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'narrow',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Writes the time of day of a timestamp: 14:05. */
export function clock(timestamp) {
  return new Intl.DateTimeFormat(current, { hour: 'numeric', minute: '2-digit' }).format(timestamp);
}

/** Writes several things in a row: Ann, Ben and Cem. */
export function listed(things) {
  return new Intl.ListFormat(current, { type: 'conjunction' }).format(things);
}

/** Puts the texts into the elements that name them by `data-string` and, for their attributes, `data-string-label` and so on. */
export function applyStrings(root = document) {
  for (const element of root.querySelectorAll('[data-string]')) element.textContent = say(element.dataset.string);
  for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
    for (const element of root.querySelectorAll(`[data-string-${name}]`)) {
      element.setAttribute(attribute, say(element.getAttribute(`data-string-${name}`)));
    }
  }
}

function baseOf(tag) {
  return tag.toLowerCase().split('-')[0];
}

/** Takes a language's texts; false if there are none. */
async function load(language) {
  const response = await fetch(`/assets/strings/${language}.json`);
  if (!response.ok) return false;
  texts = await response.json();
  current = language;
  return true;
}

function written(value) {
  return typeof value === 'number' ? number(value) : value;
}
