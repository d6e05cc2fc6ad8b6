// The server's notices in the page's own words, each for as long as it holds.

import { byId } from '../base/dom.js';
import { has, say } from '../base/strings.js';
import { StandIns } from './stand_ins.js';

// Notices that other parts take: of the sound's connection.
const OTHERS = new Set(['media_lost']);

/** The notices of one call. */
export class RoomNotices {
  constructor(call) {
    this._call = call;
    this._standIns = new StandIns(call);
    // Speaker -> the code of the last notice about them: one that is told again after a loss is not shown again.
    this._told = new Map();
    // Speaker -> the notice that stays for as long as they are not translated.
    this._paused = new Map();
    call.on('joined', () => this._joined());
    call.on('participant_left', ({ participant_id: id }) => this._left(id));
    call.on('notice', (notice) => this._take(notice));
  }

  /** Somebody may have been translated again while the link was lost, of which nobody tells. */
  _joined() {
    if (this._call.isFirst) return;
    for (const speaker of [...this._paused.keys()]) this._resume(speaker);
    this._standIns.renew();
  }

  _left(id) {
    this._told.delete(id);
    this._resume(id);
  }

  _take(notice) {
    const { code, speaker_id: speaker } = notice;
    if (code === 'engine_changed') return this._standIns.changed(notice);
    if (code === 'engine_restored') return this._standIns.restored(notice);
    if (OTHERS.has(code)) return undefined;
    if (speaker && this._told.get(speaker) === code) return undefined;
    if (speaker) this._told.set(speaker, code);
    // Something can be recognised here that could not be when this page was opened, perhaps.
    if (code === 'auto_language') this._call.refreshLanguages();
    return this._show(notice);
  }

  _show({ code, text, speaker_id: speaker, language }) {
    const { people, languages, notices } = this._call;
    const values = {
      name: people.nameOf(speaker) ?? say('captions.somebody'),
      language: language ? languages.nameWithin(language) : '',
    };
    const words = has(`notice.${code}`) ? say(`notice.${code}`, values) : text;
    this._resume(speaker);
    if (speaker && code === 'translation_paused') this._paused.set(speaker, words);
    // Nothing that waits will help here: another language does.
    const change = { label: say('notice.change_languages'), run: () => byId('languages').click() };
    notices.show(words, { stays: this._paused.has(speaker), action: code === 'no_translation' ? change : null });
  }

  /** Takes the notice away that somebody's translation has stopped. */
  _resume(speaker) {
    if (this._paused.has(speaker)) this._call.notices.hide(this._paused.get(speaker));
    this._paused.delete(speaker);
  }
}
