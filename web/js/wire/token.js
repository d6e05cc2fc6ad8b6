// The token that opens a room: from the address if an invitation brought one, else a development token.

import { say } from '../base/strings.js';

/** Gives a token for a room; throws an Error to be shown, with `isFinal` if asking again would not help. */
export async function tokenFor(roomId) {
  const invited = new URLSearchParams(location.search).get('token');
  if (invited) return invited;
  let response;
  try {
    response = await fetch('/api/v1/dev-token', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ room_id: roomId }),
    });
  } catch {
    throw new Error(say('error.unreachable'));
  }
  if (response.ok) return (await response.json()).token;
  const answer = await response.json().catch(() => null);
  const error = new Error(say('error.no_token', { reason: answer?.error?.message ?? String(response.status) }));
  throw Object.assign(error, { isFinal: response.status < 500 });
}
