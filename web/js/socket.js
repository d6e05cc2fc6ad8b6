// The signaling socket: typed messages both ways, as signaling/PROTOCOL.md has them.

/** Gives an event to the method of `listener` that is for it. Throws on a type that this page does not know. */
export function deliver(event, listener) {
  switch (event.type) {
    case 'joined': return listener.joined(event);
    case 'answer': return listener.answer(event);
    case 'participant_joined': return listener.participantJoined(event);
    case 'participant_updated': return listener.participantUpdated(event);
    case 'participant_left': return listener.participantLeft(event);
    case 'slot': return listener.slot(event);
    case 'speaking': return listener.speaking(event);
    case 'suppress_original': return listener.suppressOriginal(event);
    case 'restore_original': return listener.restoreOriginal(event);
    case 'caption': return listener.caption(event);
    case 'notice': return listener.notice(event);
    case 'error': return listener.error(event);
    default: throw new Error(`unknown event type ${JSON.stringify(event.type)}`);
  }
}

/** One open socket. */
export class Socket {
  /** Opens it; `listener` gets each event, and `closed(code)` once at the end. */
  constructor(roomId, token, listener) {
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    this._socket = new WebSocket(
      `${scheme}//${location.host}/ws/signaling/${roomId}?token=${encodeURIComponent(token)}`,
    );
    this._socket.onopen = () => listener.opened();
    this._socket.onmessage = ({ data }) => deliver(JSON.parse(data), listener);
    this._socket.onclose = ({ code }) => listener.closed(code);
  }

  /** Sends a message; one for a socket that is gone is nothing to anybody. */
  send(message) {
    if (this._socket.readyState === WebSocket.OPEN) this._socket.send(JSON.stringify(message));
  }

  /** Says goodbye and closes. */
  close() {
    this.send({ type: 'leave' });
    this._socket.close(1000);
  }
}
