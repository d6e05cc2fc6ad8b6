// From what was said to subtitles: when each clause began, and until when it is shown. Pure.
//
// A caption says when its words ended, not when they began. The beginning is made from what is known: it is as long before the
// end as the words take to say, not after the end of its first interim text, and not before the end of what the same
// speaker said before.

// How much is said in a second: Latin letters; a character of Chinese or Japanese is as long as two and a half of them,
// a Korean syllable as two. (Conversation in English has 14 to 17 a second.)
const LETTERS_PER_S = 15;
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const SYLLABLE = /\p{Script=Hangul}/u;
// All in milliseconds. A clause takes at least, and at most, so long to say.
const SHORTEST = 500;
const LONGEST = 20_000;
// A cue is shown so long at least, as far as no other one begins: a word is read in that time.
const LEAST_SHOWN = 1200;

/** Gives how long words take to say, in milliseconds. */
export function durationOf(text) {
  let letters = 0;
  for (const character of text) letters += WIDE.test(character) ? 2.5 : SYLLABLE.test(character) ? 2 : 1;
  return Math.min(LONGEST, Math.max(SHORTEST, (letters / LETTERS_PER_S) * 1000));
}

/**
 * Gives the clauses (of `Record.clauses`) as cues, in the order in which they begin: each with `beganAt`, `endedAt` and
 * `shownUntil`, in epoch milliseconds.
 */
export function cuesOf(clauses) {
  // speaker -> when they ended what they said before.
  const ends = new Map();
  const cues = clauses.map((clause) => {
    const guess = clause.endedAt - durationOf(clause.source ?? clause.text);
    const begun = Math.min(guess, clause.begunBy ?? guess);
    const free = Math.max(begun, clause.endedAt - LONGEST, ends.get(clause.speaker) ?? -Infinity);
    ends.set(clause.speaker, clause.endedAt);
    return { ...clause, beganAt: Math.round(Math.min(free, clause.endedAt)) };
  });
  cues.sort((a, b) => a.beganAt - b.beganAt || a.endedAt - b.endedAt);
  cues.forEach((cue, place) => {
    const wanted = Math.max(cue.endedAt, cue.beganAt + LEAST_SHOWN);
    const next = cues[place + 1]?.beganAt ?? Infinity;
    // Two clauses may be recognised as ending in one moment: a cue of no length would not be shown at all.
    cue.shownUntil = Math.max(cue.endedAt, Math.min(wanted, next), cue.beganAt + SHORTEST);
  });
  return cues;
}
