// The token that opens a room: from the address if an invitation brought one, else a development token.

import { say } from '../base/strings.js';

// Seconds that this computer's clock may be wrong.
const SKEW = 60;

/** Gives the invitation's token, '' if there is none. */
export function invitation() {
  return new URLSearchParams(location.search).get('token') ?? '';
}

/** Reads what a token says, without the key, so only to show it: the server decides. Null if it is none. */
export function claimsOf(token) {
  try {
    const payload = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return token.split('.').length === 3 && typeof claims === 'object' ? claims : null;
  } catch {
    return null;
  }
}

/**
 * Gives what the invitation says of me: `name`, `langs`, `speaks` and `hears` (null where it says nothing), `role`, the
 * `room`, and its `trouble`: `malformed`, `expired` or `early`, as far as can be told from here; null without one.
 */
export function invited() {
  if (!invitation()) return null;
  const claims = claimsOf(invitation());
  const grants = claims?.grants ?? {};
  const isHeard = grants.canPublish !== false && grants.hidden !== true;
  const now = Date.now() / 1000;
  let trouble = claims === null ? 'malformed' : null;
  if (claims?.exp < now - SKEW) trouble = 'expired';
  if (claims?.nbf > now + SKEW) trouble = 'early';
  return {
    name: typeof claims?.name === 'string' ? claims.name : null,
    role: grants.roomAdmin === true ? 'host' : isHeard ? 'speaker' : 'listener',
    langs: Array.isArray(grants.langs) ? grants.langs.map(String) : null,
    speaks: grants.speaks ?? null,
    hears: grants.hears ?? null,
    room: claims?.room ?? grants.room ?? null,
    startsAt: claims?.nbf ?? null,
    trouble,
  };
}

/** Whether `?host=1` asks to be the room's host. A development server agrees while no host is there; an invitation says itself. */
function wantsToHost() {
  return new URLSearchParams(location.search).get('host') === '1';
}

/** Gives a token for a room; throws an Error to be shown, with `isFinal` if asking again would not help. */
export async function tokenFor(roomId) {
  if (invitation()) return invitation();
  let response;
  try {
    response = await fetch('/api/v1/dev-token', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ room_id: roomId, role: wantsToHost() ? 'host' : 'speaker' }),
    });
  } catch {
    throw new Error(say('error.unreachable'));
  }
  if (response.ok) return (await response.json()).token;
  const answer = await response.json().catch(() => null);
  throw Object.assign(new Error(refusalOf(response.status, answer?.error)), { isFinal: response.status < 500 && response.status !== 429 });
}

function refusalOf(status, error) {
  if (error?.code === 'dev_tokens_off') return say('error.no_invitation');
  if (status === 429) return say('error.too_many');
  if (status >= 500) return say('error.unwell');
  return say('error.no_token', { reason: error?.message ?? String(status) });
}
