// The signaling socket: typed messages both ways, as signaling/PROTOCOL.md has them.

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
