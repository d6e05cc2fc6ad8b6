// The first page: which room.

import { byId, setProblem } from './base/dom.js';
import { applyStrings, loadStrings, locale, say } from './base/strings.js';

const ROOM = /^[A-Za-z0-9_-]{1,64}$/;
// 32 signs that are not mistaken for one another: 10 of them are 50 random bits.
const SIGNS = 'abcdefghijkmnpqrstuvwxyz23456789';

function newRoom() {
  const signs = [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => SIGNS[byte % SIGNS.length]).join('');
  return `${signs.slice(0, 3)}-${signs.slice(3, 7)}-${signs.slice(7)}`;
}

function enter(room, { isMine = false } = {}) {
  // What the address says about the page (?ui=, ?raw=) goes along.
  const query = new URLSearchParams(location.search);
  // Who begins a room rules it, where the server lets them: see wire/token.js.
  if (isMine) query.set('host', '1');
  location.assign(`/r/${room}${query.size ? `?${query}` : ''}`);
}

/** Gives the address that a pasted link to a room has, null if it is none. */
function linked(text) {
  try {
    const link = new URL(text);
    return /^https?:$/.test(link.protocol) && ROOM.test(link.pathname.replace(/^\/r\//, '')) ? link.href : null;
  } catch {
    return null;
  }
}

function submit() {
  const typed = byId('room').value.trim();
  const link = linked(typed);
  const isGood = ROOM.test(typed) || link !== null;
  setProblem(byId('room-error'), isGood ? null : say('landing.bad_room'));
  byId('room').setAttribute('aria-invalid', String(!isGood));
  if (link) location.assign(link);
  else if (isGood) enter(typed);
  else byId('room').focus();
}

const ready = loadStrings();
// At once: whoever is faster than the words would else send the form to the server.
byId('enter').onsubmit = (event) => {
  event.preventDefault();
  ready.then(submit);
};
byId('new').onclick = () => enter(newRoom(), { isMine: true });
await ready;
applyStrings();
for (const link of document.querySelectorAll('.tongues a')) {
  if (link.lang === locale()) link.setAttribute('aria-current', 'true');
}
