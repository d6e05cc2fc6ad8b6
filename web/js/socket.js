// The signaling socket: typed messages both ways, as signaling/PROTOCOL.md has them.

/** Gives an event to the method of `listener` that is for it. Throws on a type that this page does not know. */
export function deliver(event, listener) {
  // From another page, which this one sets nothing up with.
  if (event.from !== undefined) return undefined;
  switch (event.type) {
    case 'joined': return listener.joined(event);
    case 'waiting': return listener.waiting(event);
    case 'room': return listener.room(event);
    case 'lobby': return undefined; // for hosts, who rule the room by other means than this page
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
    case 'ice_servers': return listener.iceServers(event);
    case 'error': return listener.error(event);
    case 'pong': return undefined; // that it comes is all that it says
    default: throw new Error(`unknown event type ${JSON.stringify(event.type)}`);
  }
}

/** One socket, from opening to its end. */
export class Socket {
  /** Opens it. `onOpen` and `onClose(code)` are called once, the latter always; `onEvent` gets each message. */
  constructor(roomId, token, { onOpen, onEvent, onClose }) {
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    // Whether `joined` came over it; for who uses it to note.
    this.isIn = false;
    this._socket = new WebSocket(
      `${scheme}//${location.host}/ws/signaling/${roomId}?token=${encodeURIComponent(token)}`,
    );
    this._socket.onopen = onOpen;
    this._socket.onmessage = ({ data }) => onEvent(JSON.parse(data));
    this._socket.onclose = ({ code }) => onClose(code);
  }

  /** Sends a message; one for a socket that is gone is nothing to anybody. */
  send(message) {
    if (this._socket.readyState === WebSocket.OPEN) this._socket.send(JSON.stringify(message));
  }

  /** Says goodbye and closes. Nothing more is heard of it. */
  leave() {
    this.send({ type: 'leave' });
    this.drop(1000);
  }

  /** Closes without a goodbye: the call goes on by another socket. Nothing more is heard of this one. */
  drop(code = 4000) {
    this._socket.onopen = null;
    this._socket.onmessage = null;
    this._socket.onclose = null;
    this._socket.close(code);
  }
}
