// Which keys belong to what has the focus, and which are free for the call.

// Inputs into which nothing is typed.
const UNTYPED = new Set(['checkbox', 'radio', 'range', 'button', 'submit', 'reset', 'color', 'file', 'image']);
const SPACE = 'button, a[href], select, summary, input, textarea, [role=button], [role=option], [role=combobox], [role=switch], [role=slider]';

/** Whether somebody is typing, or a dialog or a menu has the keys. */
export function isTyped({ target, isComposing, defaultPrevented }) {
  if (isComposing || defaultPrevented) return true;
  if (document.querySelector('dialog[open], #more[aria-expanded="true"]')) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !UNTYPED.has(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Whether Space does something to an element already. */
export function usesSpace(element) {
  return element instanceof Element && element.closest(SPACE) !== null;
}
