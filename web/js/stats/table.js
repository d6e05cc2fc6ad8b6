// The utterances as a table: the same figures for who reads rather than looks.

import { make } from '../base/dom.js';
import { number, say } from '../base/strings.js';
import { STAGES } from './utterances.js';
import { NONE, stageName } from './written.js';

/** Fills a table with utterances; times count from the end of the words. */
export function fillTable(table, utterances, nameOf) {
  const head = [say('stats.speaker'), ...STAGES.map(([stage]) => stageName(stage))];
  const rows = utterances.map(({ speaker, stages }) => {
    const ends = new Map(stages.map(({ stage, end }) => [stage, end]));
    const cells = STAGES.map(([stage]) => make('td', {}, ends.has(stage) ? number(ends.get(stage)) : NONE));
    const who = make('span', { dir: 'auto' }, nameOf(speaker));
    return make('tr', {}, make('th', { scope: 'row' }, who), ...cells);
  });
  table.replaceChildren(
    make('caption', {}, say('stats.table_caption')),
    make('thead', {}, make('tr', {}, ...head.map((text) => make('th', { scope: 'col' }, text)))),
    make('tbody', {}, ...rows),
  );
}
