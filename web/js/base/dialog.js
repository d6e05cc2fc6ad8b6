// Dialogs: shown over the page, closed by Escape, by a press beside them, and by their own buttons.

// Dialogs that are wired already.
const wired = new WeakSet();

/**
 * Shows a `<dialog>` modally. Focus goes into it (to the element with `autofocus`, else the first that takes it), and back
 * to where it was once it is closed. `onClose(value)` is called once, with the `value` of the button that closed it, or ''
 * where it was Escape, a press beside it or one of its elements with `data-close`.
 */
export function openDialog(dialog, { onClose = () => {} } = {}) {
  if (dialog.open) return;
  wire(dialog);
  const before = document.activeElement;
  dialog.returnValue = '';
  dialog.addEventListener(
    'close',
    () => {
      giveBack(before);
      onClose(dialog.returnValue);
    },
    { once: true },
  );
  dialog.showModal();
}

/** Closes every dialog that is open: what they are about is over. */
export function closeDialogs() {
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close('');
}

function wire(dialog) {
  if (wired.has(dialog)) return;
  wired.add(dialog);
  // Where the press began: one that begins inside, to select a text say, and ends outside closes nothing.
  let isBeside = false;
  dialog.addEventListener('pointerdown', (event) => { isBeside = isOutside(dialog, event); });
  dialog.addEventListener('click', (event) => {
    if (isBeside && isOutside(dialog, event)) dialog.close('');
    else if (event.target.closest('[data-close]')) dialog.close('');
    isBeside = false;
  });
}

/** The backdrop belongs to the dialog: a press on it is one whose target is the dialog and whose place is not. */
function isOutside(dialog, { target, clientX: x, clientY: y }) {
  if (target !== dialog) return false;
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return x < left || x > right || y < top || y > bottom;
}

/** Browsers do so by themselves, but not to what was hidden or taken away meanwhile, and some not after a press. */
function giveBack(before) {
  const now = document.activeElement;
  if (now && now !== document.body) return;
  if (before?.isConnected) before.focus({ preventScroll: true });
}
