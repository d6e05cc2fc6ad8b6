// The last utterances, each with the stages that its newest clause went through on its way to my ear.

// Utterances that are kept; then the oldest goes.
const KEPT = 12;

/** The stages in their order, and what of a clause's figures says when each was over. */
export const STAGES = [
  ['recognised', 'recognised_ms'],
  ['translated', 'translated_ms'],
  ['synthesised', 'synthesised_ms'],
  ['returned', 'arrived_ms'],
  ['sent', 'first_packet_ms'],
  ['heard', 'heard_ms'],
];

/**
 * Gives what each stage took: [{ stage, begin, end }] in milliseconds from the end of the clause's sound. What was over
 * before the stage ahead of it, or before the speech was, took nothing; a stage of which nothing is known is left out.
 */
export function stagesOf(clause) {
  const stages = [];
  let begin = 0;
  for (const [stage, field] of STAGES) {
    const at = clause[field];
    if (at === null || at === undefined) continue;
    const end = Math.max(begin, at);
    stages.push({ stage, begin, end });
    begin = end;
  }
  return stages;
}

/** Keeps what the server's `figures` say. */
export class Utterances {
  constructor() {
    this._kept = new Map();
  }

  /** Takes utterances of which something is new. */
  take(utterances) {
    for (const utterance of utterances) this._kept.set(utterance.utterance_id, utterance);
    while (this._kept.size > KEPT) this._kept.delete(this._kept.keys().next().value);
  }

  clear() {
    this._kept.clear();
  }

  /** Gives them, the newest first: { id, speaker, source, target, lost, clause, stages, total, isHeard }. */
  list() {
    return [...this._kept.values()].reverse().map(({ utterance_id: id, speaker_id: speaker, source, target, lost, clauses }) => {
      const clause = clauses.at(-1);
      const stages = stagesOf(clause);
      const isHeard = stages.at(-1)?.stage === 'heard';
      return { id, speaker, source, target, lost, clause: clause.clause, stages, total: stages.at(-1)?.end ?? 0, isHeard };
    });
  }
}
