// The statistics: how late voices are and why, how the connection does, what goes in each slot. Nothing of it is asked for
// or computed while the drawer is closed.

import { openDialog } from '../base/dialog.js';
import { byId, make } from '../base/dom.js';
import { number, say } from '../base/strings.js';
import { Bars } from './bars.js';
import { Flows } from './flows.js';
import { Measured } from './measured.js';
import { fillTable } from './table.js';
import { Utterances } from './utterances.js';
import { NONE, ms, percent, rate } from './written.js';

// Between two looks at what the browser measures, in milliseconds.
const LOOK = 1000;

const TYPES = { host: 'stats.host', srflx: 'stats.srflx', prflx: 'stats.srflx', relay: 'stats.relay' };

/** The drawer of one call. */
export class Stats {
  constructor(call) {
    this._call = call;
    this._drawer = byId('stats');
    this._utterances = new Utterances();
    this._nameOf = (id) => call.people.nameOf(id);
    const languageOf = (tag) => call.languages.name(tag);
    this._bars = new Bars({
      list: byId('stats-bars'),
      axis: byId('stats-axis'),
      legend: byId('stats-legend'),
      nameOf: this._nameOf,
      languageOf,
    });
    this._flows = new Flows(byId('stats-flows'), { nameOf: this._nameOf, languageOf });
    this._measured = new Measured();
    this._timer = null;
    byId('open-stats').onclick = () => this.open();
    byId('stats-as-table').onclick = () => this._showAsTable(byId('stats-as-table').getAttribute('aria-pressed') !== 'true');
    this._showAsTable(false);
    call.on('figures', (figures) => this._take(figures));
    call.on('joined', () => this._joined());
    call.whenOver(() => { if (this._drawer.open) this._drawer.close(''); });
  }

  open() {
    if (this._drawer.open) return;
    openDialog(this._drawer, { onClose: () => this._closed() });
    this._measured = new Measured();
    this._showUtterances();
    this._watch(true);
    this._look();
    this._timer = setInterval(() => this._look(), LOOK);
  }

  _closed() {
    clearInterval(this._timer);
    this._timer = null;
    this._flows.clear();
    this._watch(false);
  }

  /** Whoever comes back is somebody new to the server, perhaps. */
  _joined() {
    if (this._drawer.open) this._watch(true);
  }

  _watch(watched) {
    if (!this._call.isOver) this._call.send({ type: 'watch_figures', watched });
  }

  // What the server says.

  _take({ utterances, slots }) {
    if (!this._drawer.open) return;
    this._flows.take(slots, performance.now());
    this._utterances.take(utterances);
    if (utterances.length > 0) this._showUtterances();
  }

  _showUtterances() {
    const utterances = this._utterances.list();
    byId('stats-none').hidden = utterances.length > 0;
    byId('stats-ledger').hidden = utterances.length === 0;
    this._bars.show(utterances);
    fillTable(byId('stats-table'), utterances, this._nameOf);
  }

  _showAsTable(isTable) {
    byId('stats-as-table').setAttribute('aria-pressed', String(isTable));
    byId('stats-table').parentElement.hidden = !isTable;
    byId('stats-picture').hidden = isTable;
  }

  // What the browser measures.

  async _look() {
    const { peer } = this._call.media;
    const figures = this._measured.take(peer ? await peer.getStats() : []);
    if (!this._drawer.open) return;
    this._showTiles(figures);
    this._flows.show(figures, performance.now());
  }

  _showTiles({ rtt, way, codec, up, down }) {
    const tiles = [
      ['stats.rtt', ms(rtt)],
      ['stats.lost', percent(down.lost)],
      ['stats.jitter', ms(down.jitter)],
      ['stats.buffer', ms(down.buffer)],
      ['stats.concealed', percent(down.concealed)],
      ['stats.down', rate(down.bitRate)],
      ['stats.up', rate(up?.bitRate ?? null)],
      ['stats.way', way ? wayInWords(way) : say('stats.no_connection')],
      ['stats.codec', codec ? say('stats.codec_value', { name: codec.name, rate: number(codec.rate / 1000) }) : NONE],
    ];
    const elements = tiles.map(([key, value]) => make('div', {}, make('dt', {}, say(key)), make('dd', {}, value)));
    byId('stats-tiles').replaceChildren(...elements);
  }
}

/** How sound goes: straight, through address translation, or by a relay. */
function wayInWords({ local, remote, protocol }) {
  const kind = [local, remote].includes('relay') ? 'relay' : local === 'host' && remote === 'host' ? 'host' : 'srflx';
  return say('stats.way_value', { way: say(TYPES[kind]), protocol });
}
