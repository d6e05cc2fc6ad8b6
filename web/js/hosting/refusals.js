// Why something that a host asked for was not done, in words.

import { say } from '../base/strings.js';

/** What hosts ask for. */
export const REQUESTS = ['admit', 'deny', 'mute_participant', 'remove', 'lock', 'set_lobby', 'end_room'];

/** `isFull`: the room holds as many as it may. `message` is the server's own reason, in English. */
export function refusalInWords({ code, request, message, name, isFull }) {
  if (code === 'not_allowed') return say('hosting.not_allowed');
  if (code === 'no_such_participant') return say('hosting.not_there', { name });
  if (code === 'too_many_messages') return say('hosting.too_fast');
  if (code === 'not_done' && isFull) return say('hosting.full', { name });
  if (code === 'not_done' && request === 'admit') return say('hosting.not_admitted', { name, reason: message });
  return say('hosting.not_done', { reason: message });
}
