// How a call ends, or does not begin, in words.

import { closeDialogs } from '../base/dialog.js';
import { byId } from '../base/dom.js';
import { say } from '../base/strings.js';
import { invitation } from '../wire/token.js';

// The close codes (signaling/PROTOCOL.md) that end a call -> how the page tells it.
const ENDINGS = {
  1000: 'left',
  1008: 'refused',
  1009: 'refused',
  4001: 'token',
  4401: 'over',
  4403: 'denied',
  4404: 'no_room',
  4405: 'removed',
  4409: 'replaced',
  4410: 'room_ended',
  4413: 'full',
  4423: 'locked',
};
// Those that only keep somebody from coming in now.
const NOT_NOW = {
  1001: 'error.restarting',
  1011: 'error.unwell',
  1013: 'error.unwell',
  4307: 'error.restarting',
  4429: 'error.windows',
  4503: 'error.unwell',
};
// To come back would be the same again.
const FINAL = new Set(['room_ended', 'no_room']);
// So it is where an invitation is what no longer holds; without one the server gives another token.
const INVITED = new Set(['token', 'over']);

/** What there is to know and to do. */
function detail(ending) {
  if (ending === 'left') return '';
  if (INVITED.has(ending) && !invitation()) return say('ended.token_detail');
  return say(ending === 'token' ? 'ended.token_invited' : `ended.${ending}_detail`);
}

/** Says why somebody who was not in yet does not come in. */
export function refusal(code) {
  const ending = ENDINGS[code];
  if (!ending || ending === 'left') return say(NOT_NOW[code] ?? 'error.unreachable');
  return `${say(`ended.${ending}`)}. ${detail(ending)}`;
}

/** Shows the end of a call in its place; `onRejoin` is called when somebody wants to come back. */
export function showEnding(code, { onRejoin }) {
  const ending = ENDINGS[code];
  const isFinal = FINAL.has(ending) || (INVITED.has(ending) && Boolean(invitation()));
  closeDialogs();
  byId('call').hidden = true;
  byId('ended').hidden = false;
  byId('ended-title').textContent = say(`ended.${ending}`);
  byId('ended-detail').textContent = detail(ending);
  byId('ended-detail').hidden = byId('ended-detail').textContent === '';
  byId('ended-title').focus();
  byId('rejoin').hidden = isFinal;
  byId('rejoin').textContent = say(ending === 'replaced' ? 'ended.rejoin_here' : 'ended.rejoin');
  byId('rejoin').onclick = onRejoin;
}
