// What this browser remembers of me between visits: name, languages, microphone. Works without storage too.

const KEY = 'parley';

/** Gives everything remembered. */
export function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

/** Remembers some more. */
export function remember(values) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...remembered(), ...values }));
  } catch {
    // A private window, or storage is full or forbidden: the form starts empty next time.
  }
}
