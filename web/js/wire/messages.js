// Which part of the page takes which of the server's messages.

/** From a message's `type` to those who take it. */
export class Messages {
  constructor() {
    this._takers = new Map();
  }

  /** Has `take(message)` called for each message of a type, after those who asked before. */
  on(type, take) {
    if (!this._takers.has(type)) this._takers.set(type, []);
    this._takers.get(type).push(take);
  }

  /** Passes a message on. Throws on a type that no part of this page takes: the server is of another version. */
  deliver(message) {
    // From another page, which this one sets nothing up with.
    if (message.from !== undefined) return;
    const takers = this._takers.get(message.type);
    if (!takers) throw new Error(`unknown message type ${JSON.stringify(message.type)}`);
    for (const take of takers) take(message);
  }
}
