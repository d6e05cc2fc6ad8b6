// The line that somebody points at, touches or goes to with the arrow keys, and what can be done with it: copying.

import { icon, make } from '../base/dom.js';
import { say } from '../base/strings.js';
import { linesOf } from './formats.js';
import { read } from './line.js';

/** The line, and the buttons that stand in its block as long as it is chosen. */
export class ChosenLine {
  /** `box` scrolls over `list`; `saving` copies. */
  constructor(box, list, saving) {
    this._box = box;
    this._list = list;
    this._saving = saving;
    this._line = null;
    this._one = this._button('copy', 'captions.copy_line', () => this._copyLine());
    this._all = this._button('copy-all', 'captions.copy_utterance', () => this._copyUtterance());
    const label = say('captions.line_buttons');
    this._buttons = make('span', { class: 'line-buttons', role: 'group', 'aria-label': label }, this._one, this._all);
    list.onpointermove = (event) => this._moved(event);
    list.onpointerleave = ({ pointerType }) => pointerType === 'mouse' && this._letGo();
    list.onclick = ({ target }) => this._choose(target.closest('.line'));
    box.onkeydown = (event) => this._key(event);
  }

  clear() {
    this._line = null;
    this._buttons.remove();
  }

  _button(picture, label, onPress) {
    const button = make('button', { type: 'button', class: 'plain', title: say(label), 'aria-label': say(label) }, icon(picture));
    button.onclick = (event) => {
      event.stopPropagation();
      onPress();
    };
    return button;
  }

  _choose(line) {
    if (!line || (line === this._line && this._buttons.isConnected)) return;
    this._line?.classList.remove('is-chosen');
    this._line = line;
    line.classList.add('is-chosen');
    const block = line.parentElement;
    this._all.hidden = block.querySelectorAll('.line').length < 2;
    this._buttons.style.setProperty('--line-end', `${line.offsetTop + line.offsetHeight}px`);
    block.append(this._buttons);
  }

  /** Only where somebody moves the pointer: when captions move below it, that chooses nothing. */
  _moved({ pointerType, movementX, movementY, target }) {
    if (pointerType === 'mouse' && (movementX || movementY)) this._choose(target.closest('.line'));
  }

  /** The pointer has left; what the keys have chosen stays. */
  _letGo() {
    if (this._list.contains(document.activeElement)) return;
    this._line?.classList.remove('is-chosen');
    this.clear();
  }

  /** Up and down from caption to caption, from the newest on; Escape goes back to the panel. */
  _key(event) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === 'Escape' && this._list.contains(document.activeElement)) {
      this._box.focus({ preventScroll: true });
      this._letGo();
    } else if (by && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this._go(by);
    }
  }

  _go(by) {
    const lines = [...this._list.querySelectorAll('.line')];
    const at = this._list.contains(document.activeElement) ? lines.indexOf(this._line) : lines.length;
    const line = lines[Math.min(lines.length - 1, Math.max(0, at + by))];
    if (!line) return;
    this._choose(line);
    line.focus({ preventScroll: true });
    line.scrollIntoView({ block: 'nearest' });
  }

  _copyLine() {
    this._saving.copy(wordsOf(this._line, this._saving.words));
  }

  _copyUtterance() {
    const block = this._line.parentElement;
    const lines = [...block.querySelectorAll('.line')].map((line) => wordsOf(line, this._saving.words));
    this._saving.copy(`${block.querySelector('.speaker').textContent}: ${lines.join('\n')}`);
  }
}

function wordsOf(line, words) {
  return linesOf(read(line), words)
    .map(([text]) => text)
    .join('\n');
}
