// Where a text has what somebody looks for, whatever its case and accents. Pure.

// Accents of Latin, Greek and Cyrillic letters, Hebrew points, Arabic vowel signs: people leave them out when they search.
const MARKS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]/g;
const ASCII = /^[\0-\x7f]*$/;

/** Gives a text without case and accents, and for each of its units where it was (null: nothing moved). */
export function fold(text) {
  if (ASCII.test(text)) return { folded: text.toLowerCase(), starts: null };
  let folded = '';
  const starts = [];
  let at = 0;
  for (const character of text) {
    const bare = character.toLowerCase().normalize('NFD').replace(MARKS, '').normalize('NFC');
    folded += bare;
    for (let unit = 0; unit < bare.length; unit += 1) starts.push(at);
    at += character.length;
  }
  starts.push(at);
  return { folded, starts };
}

/** Gives [start, end] of each place, from left to right, in units of the text; `query` is folded already. */
export function find({ folded, starts }, query) {
  const found = [];
  if (!query) return found;
  for (let at = folded.indexOf(query); at >= 0; at = folded.indexOf(query, at + query.length)) {
    const end = at + query.length;
    found.push(starts ? [starts[at], starts[end]] : [at, end]);
  }
  return found;
}
