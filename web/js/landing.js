// The first page: which room.

import { byId, setProblem } from './base/dom.js';
import { applyStrings, loadStrings, say } from './base/strings.js';

const ROOM = /^[A-Za-z0-9_-]{1,64}$/;
// 32 signs that are not mistaken for one another: 10 of them are 50 random bits.
const SIGNS = 'abcdefghijkmnpqrstuvwxyz23456789';

function newRoom() {
  const signs = [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => SIGNS[byte % SIGNS.length]).join('');
  return `${signs.slice(0, 3)}-${signs.slice(3, 7)}-${signs.slice(7)}`;
}

function enter(room) {
  // What the address says about the page (?ui=, ?raw=) goes along.
  location.assign(`/r/${room}${location.search}`);
}

function submit() {
  const room = byId('room').value.trim();
  const isGood = ROOM.test(room);
  setProblem(byId('room-error'), isGood ? null : say('landing.bad_room'));
  byId('room').setAttribute('aria-invalid', String(!isGood));
  if (isGood) enter(room);
  else byId('room').focus();
}

const ready = loadStrings();
// At once: whoever is faster than the words would else send the form to the server.
byId('enter').onsubmit = (event) => {
  event.preventDefault();
  ready.then(submit);
};
byId('new').onclick = () => enter(newRoom());
await ready;
applyStrings();
