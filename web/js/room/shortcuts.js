// Single keys that press the call's buttons, and the sheet that lists them. They can be switched off (WCAG 2.1.4).

import { openDialog } from '../base/dialog.js';
import { byId, make } from '../base/dom.js';
import { remember, remembered } from '../base/memory.js';
import { say } from '../base/strings.js';
import { isTyped } from './keys.js';

// Key -> what it presses, or goes to if that is a field; and what the sheet calls it. In the order of the sheet.
const KEYS = new Map([
  ['m', { target: 'mute', words: 'shortcuts.mute' }],
  ['c', { target: 'toggle-captions', words: 'shortcuts.captions' }],
  ['/', { target: 'open-find', words: 'shortcuts.search' }],
  ['b', { target: 'balance', words: 'shortcuts.balance' }],
  ['l', { target: 'languages', words: 'shortcuts.languages' }],
  ['p', { target: 'toggle-hosting', words: 'shortcuts.hosting' }],
  ['i', { target: 'share', words: 'shortcuts.share' }],
  ['d', { target: 'open-devices', words: 'shortcuts.devices' }],
  ['s', { target: 'open-stats', words: 'shortcuts.stats' }],
  ['?', { target: 'open-shortcuts', words: 'shortcuts.sheet' }],
]);

function isOn() {
  return remembered().shortcuts !== false;
}

/** What a key is called here: Space and Escape have names, which differ by language. */
function key(name) {
  return make('kbd', {}, name);
}

/** The key that was meant: on a keyboard of another script the one in the same place. */
function meant({ key: pressed, code }) {
  if (KEYS.has(pressed.toLowerCase())) return pressed.toLowerCase();
  const isForeign = /\p{L}/u.test(pressed) && !/\p{Script=Latin}/u.test(pressed);
  return isForeign && code.startsWith('Key') ? code.slice(3).toLowerCase() : null;
}

function isThere(target) {
  const element = document.getElementById(target);
  return element !== null && !element.hidden && !element.disabled;
}

/** The shortcuts, for one call. */
export class Shortcuts {
  constructor(call) {
    byId('open-shortcuts').onclick = () => this._open();
    byId('shortcuts-on').onchange = ({ target }) => this._switch({ shortcuts: target.checked });
    byId('talk-on').onchange = ({ target }) => this._switch({ pushToTalk: target.checked });
    const pressed = (event) => this._pressed(event);
    document.addEventListener('keydown', pressed);
    call.whenOver(() => document.removeEventListener('keydown', pressed));
    this._announce();
  }

  _pressed(event) {
    const isModified = event.ctrlKey || event.altKey || event.metaKey;
    if (!isOn() || isModified || event.repeat || isTyped(event)) return;
    const shortcut = KEYS.get(meant(event));
    if (!shortcut || !isThere(shortcut.target)) return;
    event.preventDefault();
    const target = byId(shortcut.target);
    if (target instanceof HTMLInputElement) target.focus();
    else target.click();
  }

  _open() {
    this._list();
    byId('shortcuts-on').checked = isOn();
    byId('talk-on').checked = remembered().pushToTalk !== false;
    openDialog(byId('shortcuts-dialog'));
  }

  _list() {
    const rows = [...KEYS]
      .filter(([, { target }]) => isThere(target))
      .map(([name, { words }]) => [say(words), key(name.toUpperCase())]);
    rows.splice(1, 0, [say('shortcuts.talk'), key(say('shortcuts.space'))]);
    rows.push([say('shortcuts.close'), key(say('shortcuts.escape'))]);
    const list = byId('shortcuts-list');
    list.replaceChildren(...rows.flatMap(([words, keys]) => [make('dt', {}, words), make('dd', {}, keys)]));
    list.classList.toggle('is-off', !isOn());
  }

  _switch(choice) {
    remember(choice);
    byId('shortcuts-list').classList.toggle('is-off', !isOn());
    this._announce();
  }

  /** Tells screen readers which key presses a button. */
  _announce() {
    byId('talk-hint').classList.toggle('is-off', remembered().pushToTalk === false);
    for (const [name, { target }] of KEYS) {
      const button = document.getElementById(target);
      if (!button) continue;
      if (isOn()) button.setAttribute('aria-keyshortcuts', name.toUpperCase());
      else button.removeAttribute('aria-keyshortcuts');
    }
  }
}
