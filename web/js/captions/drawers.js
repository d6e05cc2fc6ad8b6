// What opens below the panel's heading: search, saving, looks, delays. One at a time.

/** The drawers. Escape in one closes it and gives the focus back to its button. */
export class Drawers {
  constructor() {
    this._drawers = [];
  }

  /** Adds a drawer: the button that opens and closes `element`; `onOpen()` and `onClose()` are told. */
  add(button, element, { onOpen = () => {}, onClose = () => {} } = {}) {
    const drawer = { button, element, onOpen, onClose };
    this._drawers.push(drawer);
    button.onclick = () => (element.hidden ? this.open(element) : this._close(drawer));
    element.onkeydown = (event) => this._key(event, drawer);
    button.onkeydown = (event) => this._key(event, drawer);
    for (const closer of element.querySelectorAll('[data-close]')) {
      closer.onclick = () => {
        this._close(drawer);
        button.focus();
      };
    }
    this._show(drawer, false);
  }

  open(element) {
    for (const other of this._drawers) if (other.element !== element) this._close(other);
    const drawer = this._drawers.find((each) => each.element === element);
    this._show(drawer, true);
    drawer.onOpen();
  }

  closeAll() {
    for (const drawer of this._drawers) this._close(drawer);
  }

  _key(event, drawer) {
    if (event.key !== 'Escape' || drawer.element.hidden) return;
    event.stopPropagation();
    this._close(drawer);
    drawer.button.focus();
  }

  _close(drawer) {
    if (drawer.element.hidden) return;
    this._show(drawer, false);
    drawer.onClose();
  }

  _show({ button, element }, isOpen) {
    element.hidden = !isOpen;
    button.setAttribute('aria-expanded', String(isOpen));
  }
}
