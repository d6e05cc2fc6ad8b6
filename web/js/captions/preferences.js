// How somebody likes their captions, remembered between visits.

import { remember, remembered } from '../base/memory.js';

const DEFAULTS = {
  // Whether the panel is shown, and its width beside the people in rem.
  shown: true,
  width: 27,
  // A step of the sizes of text.
  size: 1,
  // Whether originals are shown below translations.
  originals: true,
  // Whether final captions are read out by screen readers.
  aloud: false,
  // Which words are copied and saved.
  words: 'mine',
};

/** Gives what was chosen, or else is usual. */
export function preferred() {
  const kept = remembered().captions;
  const own = kept !== null && typeof kept === 'object' ? kept : {};
  // What another version of the page, or somebody, wrote there may be of another kind.
  return Object.fromEntries(
    Object.entries(DEFAULTS).map(([key, usual]) => [key, typeof own[key] === typeof usual ? own[key] : usual]),
  );
}

/** Remembers a choice. */
export function prefer(values) {
  remember({ captions: { ...preferred(), ...values } });
}
