// A question before something that cannot be taken back.

import { openDialog } from './dialog.js';
import { byId } from './dom.js';

/** Asks; resolves to whether the answer was yes. `yes` is what the button says that does it. */
export function confirm({ title, text, yes }) {
  byId('confirm-title').textContent = title;
  byId('confirm-text').textContent = text;
  byId('confirm-yes').textContent = yes;
  return new Promise((resolve) => openDialog(byId('confirm'), { onClose: (answer) => resolve(answer === 'yes') }));
}
