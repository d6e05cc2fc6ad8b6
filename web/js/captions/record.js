// What was said in a call, kept for copying and saving: final text only, also what has left the panel.

// Clauses that are kept; when there are more, the oldest goes. (Some 8 MB: a day of talk.)
const KEPT = 20_000;
// Clauses of which only interim text came, with when it first did; when there are more, the oldest goes.
const PENDING = 200;

/** What was said. */
export class Record {
  constructor() {
    // `utterance clause` -> clause, in the order of their coming.
    this._clauses = new Map();
    // `utterance clause` -> when the words of its first interim text ended.
    this._begun = new Map();
    /** How many clauses had to go. */
    this.dropped = 0;
  }

  get size() {
    return this._clauses.size;
  }

  /** Keeps a caption in the place of the one it follows; of interim ones, only when they began. */
  take(caption, name) {
    const key = `${caption.utterance_id} ${caption.clause}`;
    if (!caption.is_final) {
      this._begin(key, caption.timestamp_ms);
    } else if (!caption.text) {
      this._clauses.delete(key);
      this._begun.delete(key);
    } else {
      this._keep(key, caption, name);
    }
  }

  /** Gives all that is kept, in the order in which it was said. */
  clauses() {
    return [...this._clauses.values()].sort((a, b) => a.endedAt - b.endedAt);
  }

  _begin(key, at) {
    if (this._begun.has(key)) return;
    this._begun.set(key, at);
    if (this._begun.size > PENDING) this._begun.delete(this._begun.keys().next().value);
  }

  _keep(key, caption, name) {
    const isTranslated = hasSource(caption);
    this._clauses.set(key, {
      utterance: caption.utterance_id,
      speaker: caption.speaker_id,
      name,
      endedAt: caption.timestamp_ms,
      // When its first interim text ended: it began before that. Null where there was none.
      begunBy: this._begun.get(key) ?? this._clauses.get(key)?.begunBy ?? null,
      text: caption.text,
      language: caption.language,
      source: isTranslated ? caption.source_text : null,
      sourceLanguage: isTranslated ? caption.source_language : null,
    });
    this._begun.delete(key);
    if (this._clauses.size <= KEPT) return;
    this._clauses.delete(this._clauses.keys().next().value);
    this.dropped += 1;
  }
}

/** Whether what was said is something else than what is shown. */
export function hasSource(caption) {
  return caption.source_text !== caption.text && caption.source_language !== caption.language;
}
