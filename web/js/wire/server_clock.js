// What time it is on the server, whose times captions have: people's clocks may be minutes off.

// Server less browser, in milliseconds.
let ahead = 0;

/** Learns the time from any of the server's answers: its `Date`, which is in whole seconds. */
export function noteTime(response) {
  const at = Date.parse(response.headers.get('Date') ?? '');
  if (Number.isNaN(at)) return;
  // Half a second on average has gone since the whole second.
  const found = at + 500 - Date.now();
  // Within what the whole seconds leave open, the clocks are the same.
  ahead = Math.abs(found) <= 1500 ? 0 : found;
}

/** Asks the server what time it is. Where it does not answer, the clocks are taken for the same. */
export async function askTime() {
  try {
    noteTime(await fetch('/healthz', { cache: 'no-store' }));
  } catch {
    // Whatever needs the server will say that it is not there.
  }
}

/** Gives the server's time in epoch milliseconds, to a second or so. */
export function serverNow() {
  return Date.now() + ahead;
}
