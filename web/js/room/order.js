// Who is to be in sight where not everybody is: who talked lately, and nobody moves without need.

/**
 * Gives with whom somebody changes places to be among the first `count`: who of them has not talked for longest; undefined
 * if they are there already, or everybody there is to stay. `ids` is the order now, with me first; `talkedAt` has when
 * people talked last, `isFixed(id)` whether somebody stays in any case.
 */
export function partnerOf(id, ids, count, { talkedAt, isFixed }) {
  const at = ids.indexOf(id);
  if (at < count) return undefined;
  let partner;
  for (const other of ids.slice(1, count)) {
    if (isFixed(other)) continue;
    // Of those who never talked the last goes first.
    if (partner === undefined || (talkedAt.get(other) ?? 0) <= (talkedAt.get(partner) ?? 0)) partner = other;
  }
  return partner;
}
