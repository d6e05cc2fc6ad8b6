// The utterances as a picture: one bar each, its stages side by side on one scale.

import { make } from '../base/dom.js';
import { number, say, seconds } from '../base/strings.js';
import { STAGES } from './utterances.js';
import { ms, stageName } from './written.js';

const SVG = 'http://www.w3.org/2000/svg';
// The picture's own units across; it is stretched to what room there is.
const WIDTH = 1000;
const HEIGHT = 20;
const GAP = 3;
// Ends of the scale, in milliseconds, one of which the longest bar fits.
const SCALES = [250, 500, 1000, 1500, 2000, 3000, 5000, 10000, 20000];

/** The picture, which lists utterances; each can be pointed at, or reached by Tab, and then tells its times. */
export class Bars {
  /** `list` takes the rows, `axis` the scale, `legend` the stages; `nameOf(id)` and `languageOf(tag)` give names. */
  constructor({ list, axis, legend, nameOf, languageOf }) {
    this._list = list;
    this._axis = axis;
    this._nameOf = nameOf;
    this._languageOf = languageOf;
    // By utterance: what its row was drawn from, and the row.
    this._rows = new Map();
    legend.replaceChildren(...STAGES.map(([stage]) => make('li', { 'data-stage': stage }, stageName(stage))));
  }

  /** Draws what has changed; rows that stay keep the focus. */
  show(utterances) {
    const longest = Math.max(0, ...utterances.map(({ total }) => total));
    const scale = SCALES.find((end) => end >= longest) ?? longest;
    this._showAxis(scale);
    const rows = utterances.map((utterance) => this._row(utterance, scale));
    const there = new Set(utterances.map(({ id }) => id));
    for (const [id, { row }] of this._rows) {
      if (there.has(id)) continue;
      row.remove();
      this._rows.delete(id);
    }
    rows.forEach((row, index) => {
      if (this._list.children[index] !== row) this._list.insertBefore(row, this._list.children[index] ?? null);
    });
  }

  _showAxis(scale) {
    if (this._scale === scale) return;
    this._scale = scale;
    this._axis.replaceChildren(...[0, scale / 2, scale].map((at) => make('span', {}, seconds(at, digitsOf(at)))));
  }

  _row(utterance, scale) {
    const drawn = JSON.stringify([utterance, scale]);
    const known = this._rows.get(utterance.id);
    if (known?.drawn === drawn) return known.row;
    const row = known?.row ?? make('li', {});
    if (!known) row.append(make('button', { type: 'button', class: 'bar', 'aria-expanded': 'false' }), make('p', { class: 'times' }));
    this._fill(row, utterance, scale);
    this._rows.set(utterance.id, { drawn, row });
    return row;
  }

  _fill(row, utterance, scale) {
    const [button, times] = row.children;
    row.dataset.utterance = utterance.id;
    const who = make('span', { class: 'who' }, make('bdi', {}, this._nameOf(utterance.speaker)));
    const pair = say('stats.pair', { source: this._languageOf(utterance.source), target: this._languageOf(utterance.target) });
    const total = make('span', { class: 'total' }, ms(utterance.total));
    if (!utterance.isHeard) total.append(make('small', {}, say('stats.not_heard')));
    button.replaceChildren(who, make('span', { class: 'pair quiet' }, pair), total, picture(utterance.stages, scale));
    button.onclick = () => button.setAttribute('aria-expanded', String(button.getAttribute('aria-expanded') !== 'true'));
    times.replaceChildren(...timesOf(utterance));
  }
}

/** How many digits behind the point it takes to write milliseconds as seconds, in full. */
function digitsOf(at) {
  return at % 1000 === 0 ? 0 : at % 100 === 0 ? 1 : 2;
}

function picture(stages, scale) {
  const svg = draw('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  svg.append(draw('rect', { class: 'ground', width: WIDTH, height: HEIGHT }));
  for (const { stage, begin, end } of stages) {
    const x = (begin / scale) * WIDTH;
    const full = ((end - begin) / scale) * WIDTH;
    // Wide ones leave a gap to the next.
    const width = full > 4 * GAP ? full - GAP : full;
    if (width > 0) svg.append(draw('rect', { 'data-stage': stage, x, width, height: HEIGHT }));
  }
  return svg;
}

/** The times in words: what each stage took, and what was lost. */
function timesOf({ stages, lost }) {
  const times = stages.map(({ stage, begin, end }) => make(
    'span',
    { 'data-stage': stage },
    say('stats.took', { stage: stageName(stage), time: say('stats.ms', { value: number(Math.round(end - begin)) }) }),
  ));
  if (lost > 0) times.push(make('span', { class: 'gone' }, say('stats.clauses_lost', { count: lost })));
  return times;
}

function draw(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
