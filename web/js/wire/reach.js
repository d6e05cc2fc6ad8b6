// Whether the server answers. Not asked by a WebSocket: browsers make those wait after some have failed.

/** Gives the answer of a server that is well, null if none came within so many milliseconds. */
export async function reach(limit) {
  try {
    const response = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(limit) });
    return response.ok ? response : null;
  } catch {
    return null;
  }
}
