// How a call ends, or does not begin, in words.

import { byId } from '../base/dom.js';
import { say } from '../base/strings.js';

// The close codes (signaling/PROTOCOL.md) that end a call -> how the page tells it.
const ENDINGS = {
  1000: 'left',
  1008: 'refused',
  1009: 'refused',
  4001: 'token',
  4401: 'token',
  4403: 'denied',
  4404: 'no_room',
  4405: 'removed',
  4409: 'replaced',
  4410: 'room_ended',
  4413: 'full',
  4423: 'locked',
};

/** Says why somebody who was not in yet does not come in. */
export function refusal(code) {
  const ending = ENDINGS[code];
  if (!ending || ending === 'left') return say('error.unreachable');
  return `${say(`ended.${ending}`)}. ${say(`ended.${ending}_detail`)}`;
}

/** Shows the end of a call in its place; `onRejoin` is called when somebody wants to come back. */
export function showEnding(code, { onRejoin }) {
  const ending = ENDINGS[code];
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
  byId('call').hidden = true;
  byId('ended').hidden = false;
  byId('ended-title').textContent = say(`ended.${ending}`);
  byId('ended-detail').textContent = ending === 'left' ? '' : say(`ended.${ending}_detail`);
  byId('ended-title').focus();
  byId('rejoin').onclick = onRejoin;
}
