// The invitation: the room's link to copy, to send by what this device has, and to scan.

import { openDialog } from '../base/dialog.js';
import { byId } from '../base/dom.js';
import { say } from '../base/strings.js';

/** Hosts by which a link is of no use to anybody else. */
const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The room's own address: nothing of how I came here (a token, above all) is in it. */
export function roomLink() {
  return `${location.origin}${location.pathname}`;
}

/** The dialog, for one call. */
export class Share {
  constructor(call) {
    this._call = call;
    for (const id of ['share', 'invite']) byId(id).onclick = () => this._open();
    byId('copy').onclick = () => this._copy();
    byId('share-sheet').onclick = () => this._send();
    byId('share-link').onfocus = ({ target }) => target.select();
  }

  _open() {
    const link = roomLink();
    byId('share-link').value = link;
    const code = byId('share-code');
    // The server draws none of an address that it does not know itself by, behind some proxies.
    code.onerror = () => { code.closest('figure').hidden = true; };
    code.closest('figure').hidden = false;
    code.src = `/api/v1/qr?text=${encodeURIComponent(link)}`;
    byId('share-here').hidden = !LOCAL.has(location.hostname);
    byId('share-sheet').hidden = !navigator.share;
    openDialog(byId('share-dialog'));
  }

  async _copy() {
    const link = roomLink();
    byId('share-dialog').close('');
    try {
      await navigator.clipboard.writeText(link);
      this._call.notices.show(say('controls.copied'));
    } catch {
      this._call.notices.show(say('controls.copy_failed', { link }), { stays: true });
    }
  }

  /** By the device's own sheet: a message, a mail, another device. */
  async _send() {
    try {
      await navigator.share({ title: say('app.room_title', { room: this._call.roomId }), url: roomLink() });
      byId('share-dialog').close('');
    } catch (error) {
      // Whoever changed their mind needs no words.
      if (error.name !== 'AbortError') await this._copy();
    }
  }
}
