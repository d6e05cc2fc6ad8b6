// The few steps from data to elements. Text becomes text nodes, never markup.

/** Gives the element with an id, which must be there. */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`no element #${id} in this page`);
  return element;
}

/** Makes an element; `children` are elements or text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Makes one of the icons of icons.svg; it says nothing to a screen reader. */
export function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const picture = document.createElementNS(space, 'svg');
  const use = document.createElementNS(space, 'use');
  use.setAttribute('href', `/assets/icons.svg#${name}`);
  picture.setAttribute('aria-hidden', 'true');
  picture.append(use);
  return picture;
}

/** Changes the icon of an element that `icon` or the page gave it. */
export function setIcon(element, name) {
  element.querySelector('use').setAttribute('href', `/assets/icons.svg#${name}`);
}

/** Shows a problem in words, or hides it when there is none. */
export function setProblem(element, text) {
  element.hidden = !text;
  element.textContent = text ?? '';
}
