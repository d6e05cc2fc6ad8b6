// The captions panel of a call: takes the server's captions, and has the parts that show, find, save and set them up.

import { byId } from '../base/dom.js';
import { say } from '../base/strings.js';
import { askTime } from '../wire/server_clock.js';
import { Aloud } from './aloud.js';
import { Blocks } from './blocks.js';
import { ChosenLine } from './chosen_line.js';
import { Delays } from './delays.js';
import { Drawers } from './drawers.js';
import { Edge } from './edge.js';
import { Looks } from './looks.js';
import { Place } from './place.js';
import { prefer, preferred } from './preferences.js';
import { Record } from './record.js';
import { Saving } from './saving.js';
import { Search } from './search.js';

// How long after the link's return interim text waits to be said again.
const STALE_MS = 6000;

/** The panel. */
export class Captions {
  constructor(call) {
    this._call = call;
    this._panel = byId('captions-panel');
    this._record = new Record();
    this._blocks = new Blocks(byId('said'), (caption) => this._whoIs(caption));
    this._place = new Place(byId('captions'), byId('said'), byId('newest'));
    this._saving = new Saving(this._record, { room: call.roomId, notices: call.notices });
    this._chosen = new ChosenLine(byId('captions'), byId('said'), this._saving);
    this._search = new Search(byId('said'), this._place);
    this._delays = new Delays(byId('delays'), byId('delays-list'), call.languages);
    this._looks = new Looks(this._panel, { onChange: () => this._looksChanged() });
    this._aloud = new Aloud(byId('captions-aloud'), byId('read-aloud'));
    this._edge = new Edge(byId('captions-edge'), this._panel, byId('call'));
    this._makeDrawers();
    byId('toggle-captions').onclick = () => this.setShown(!this.isShown);
    this._put(preferred().shown);
    call.on('joined', () => this._joined());
    call.on('caption', (caption) => this.show(caption));
    call.on('delays', ({ delays }) => this._delays.show(delays));
    call.whenOver(() => this._close());
  }

  get isShown() {
    return !this._panel.hidden;
  }

  /** Shows the panel, or hides it; what is said goes into it all the same. */
  setShown(isShown) {
    this._put(isShown);
    prefer({ shown: isShown });
  }

  /** Opens the search, with the panel if that is hidden. */
  openSearch() {
    if (!this.isShown) this.setShown(true);
    this._drawers.open(byId('find-drawer'));
  }

  show(caption) {
    const who = this._whoIs(caption);
    this._record.take(caption, who.isMe ? this._myName() : who.name);
    this._blocks.show(caption);
    this._aloud.take(caption, who);
    byId('captions-empty').hidden = this._blocks.size > 0;
    this._place.announce();
    this._search.refresh();
  }

  _makeDrawers() {
    this._drawers = new Drawers();
    this._drawers.add(byId('open-find'), byId('find-drawer'), {
      onOpen: () => this._search.open(),
      onClose: () => this._search.close(),
    });
    this._drawers.add(byId('open-save'), byId('save-drawer'), { onOpen: () => this._saving.open() });
    this._drawers.add(byId('open-looks'), byId('looks-drawer'));
    this._drawers.add(byId('delays'), byId('delays-drawer'));
  }

  _whoIs({ speaker_id: id, speaker_name: name }) {
    return {
      name: this._call.people.nameOf(id) ?? name ?? say('captions.somebody'),
      isMe: id === this._call.participantId,
    };
  }

  _myName() {
    return this._call.info?.name ?? this._call.me.name;
  }

  /** Again after a loss: what was interim and is not said again soon has been overtaken, and goes. */
  _joined() {
    askTime();
    if (this._call.isFirst) return;
    this._blocks.markStale();
    setTimeout(() => {
      this._blocks.removeStale();
      this._search.refresh();
    }, STALE_MS);
  }

  _put(isShown) {
    this._panel.hidden = !isShown;
    byId('call').classList.toggle('is-without-captions', !isShown);
    byId('toggle-captions').setAttribute('aria-pressed', String(isShown));
  }

  _looksChanged() {
    this._place.release();
    this._search.refresh();
  }

  _close() {
    this._drawers.closeAll();
    this._saving.over();
    this._chosen.clear();
    this._place.close();
    this._blocks.clear();
    this._aloud.clear();
    this._delays.show([]);
    byId('captions-empty').hidden = false;
  }
}
