// The form before the room: name, languages, sound.

import { colourOf, initialOf } from '../base/avatar.js';
import { byId, icon, make, setProblem } from '../base/dom.js';
import { LanguageFields } from '../base/language_fields.js';
import { AUTO, Languages } from '../base/languages.js';
import { remember, remembered } from '../base/memory.js';
import { locale, say } from '../base/strings.js';
import { invitation } from '../wire/token.js';
import { SoundPanel } from './sound_panel.js';

// What can be translated changes while engines start.
const REFRESH_MS = 5000;
// The close code of who left by their own will.
const LEFT = 1000;

// What is wrong with an invitation.
const INVITATIONS = { malformed: 'invitation.malformed', expired: 'invitation.expired', early: 'invitation.early' };

/** Shows the form until somebody is in the room. */
export class JoinForm {
  /**
   * `invited` is what the invitation says of me, or null; `check` the microphone's. `onJoin` gets { name, speaking,
   * listening, muted, ownVoice, microphone } and may throw what is to be shown, with the `code` that closed the socket.
   */
  constructor({ roomId, languages, invited, check, onJoin }) {
    this._languages = languages;
    this._invited = invited;
    this._check = check;
    this._onJoin = onJoin;
    // What was chosen here or on an earlier visit. It stays, whatever can be translated now.
    const { speaking, listening } = remembered();
    this._chosen = { speaking: invited?.speaks ?? speaking, listening: invited?.hears ?? listening };
    this._fields = new LanguageFields(languages, {
      speak: 'speak',
      hear: 'hear',
      onChange: (choice) => Object.assign(this._chosen, choice),
    });
    this._sound = new SoundPanel(check, { isListener: invited?.role === 'listener', onChange: () => this._showGo() });
    byId('join-room').textContent = say('join.room', { room: roomId });
    byId('join-form').onsubmit = (event) => this._submit(event);
    byId('name').value = invited?.name ?? remembered().name ?? '';
    byId('name').oninput = () => this._nameChanged();
    this._fillMenus();
    this._nameChanged();
    this._showInvitation(roomId);
  }

  async show() {
    byId('loading').hidden = true;
    byId('join').hidden = false;
    if (!byId('name').value) byId('name').focus();
    if (!('RTCPeerConnection' in window)) setProblem(byId('join-notice'), say('error.no_webrtc'));
    this._refresh = setInterval(() => this._refreshLanguages(), REFRESH_MS);
    this._refreshLanguages();
    await this._sound.start();
  }

  /** Goes away; `taken` is the microphone that was taken along, or null. Any other is given back. */
  hide(taken) {
    byId('join').hidden = true;
    clearInterval(this._refresh);
    this._check.release(taken);
  }

  // Who I am here, as the invitation has it.

  _showInvitation(roomId) {
    const invited = this._invited;
    if (!invited) return;
    byId('name').readOnly = Boolean(invited.name);
    if (invited.name) byId('name-hint').textContent = say('join.name_invited');
    const role = { host: 'join.as_host', listener: 'join.as_listener' }[invited.role];
    byId('join-role').hidden = !role;
    if (role) byId('join-role').textContent = say(role);
    byId('speak-field').hidden = invited.role === 'listener';
    if (invited.trouble) {
      const at = new Intl.DateTimeFormat(locale(), { dateStyle: 'long', timeStyle: 'short' });
      const starts = invited.trouble === 'early' ? at.format(new Date(invited.startsAt * 1000)) : '';
      setProblem(byId('join-notice'), say(INVITATIONS[invited.trouble], { starts }));
    } else if (typeof invited.room === 'string' && invited.room !== roomId) this._showOtherRoom(invited.room);
  }

  _showOtherRoom(room) {
    const address = `/r/${encodeURIComponent(room)}?token=${encodeURIComponent(invitation())}`;
    setProblem(byId('join-notice'), `${say('invitation.other_room')} `);
    byId('join-notice').append(make('a', { href: address }, say('invitation.go_there', { room })));
  }

  _nameChanged() {
    const name = byId('name').value.trim();
    byId('preview-avatar').replaceChildren(name ? initialOf(name) : icon('person'));
    byId('preview-avatar').dataset.colour = colourOf(name);
    if (name) this._showNameProblem(null);
  }

  // Languages.

  _fillMenus() {
    const preset = (options, last) => Languages.nearest(options, navigator.languages) ?? options[0]?.[0] ?? last;
    const speaking = this._chosen.speaking || preset(this._languages.speakOptions(), AUTO);
    const listening = this._chosen.listening || preset(this._languages.hearOptions(), locale());
    this._fields.fill({ speaking, listening });
  }

  async _refreshLanguages() {
    const isNew = await this._languages.refresh();
    if (isNew) this._fillMenus();
    // Told while nothing else is to be told, and only until it answers.
    const isMissing = !isNew && !this._languages.isKnown;
    setProblem(byId('server-problem'), isMissing ? say('error.waiting_for_server') : null);
    byId('join-form').dataset.languages = this._languages.isKnown ? 'known' : 'unknown';
    this._showConsent();
  }

  // Sound.

  _showGo() {
    if (!byId('go').disabled) byId('go').textContent = say(this._sound.isListening ? 'join.listen' : 'join.go');
    this._showConsent();
  }

  /** Asked for where it can be given, each time anew: it is not remembered. */
  _showConsent() {
    byId('consent').hidden = !this._languages.ownVoice || this._sound.isListening;
  }

  // Joining.

  _showNameProblem(text) {
    setProblem(byId('name-problem'), text);
    byId('name').setAttribute('aria-invalid', String(text !== null));
  }

  async _submit(event) {
    event.preventDefault();
    // Enter in a field presses a button that is switched off, too.
    if (byId('go').disabled) return;
    const name = byId('name').value.trim();
    if (!name) {
      this._showNameProblem(say('join.name_missing'));
      byId('name').focus();
      return;
    }
    const { speaking, listening } = this._fields.value;
    const isOff = this._sound.mode === 'off';
    // What the invitation fixes is its own, and not this browser's to remember.
    remember({ ...(this._invited?.name ? {} : { name }), speaking, listening });
    if (this._check.microphone) remember({ microphone: this._check.microphone.deviceId });
    const ownVoice = !byId('consent').hidden && byId('own-voice').checked;
    await this._join({ name, speaking, listening, muted: isOff, ownVoice, microphone: this._check.microphone });
  }

  async _join(choice) {
    const go = byId('go');
    go.disabled = true;
    go.textContent = say('join.going');
    setProblem(byId('join-problem'), null);
    try {
      await this._onJoin(choice);
      this.hide(choice.microphone);
    } catch (error) {
      this._back(choice, error);
    } finally {
      go.disabled = false;
      this._showGo();
    }
  }

  /** Not let in. What was chosen meanwhile, in the lobby, is chosen here, whether the server had confirmed it or not. */
  _back(choice, error) {
    const { speaking, listening } = { ...choice, ...remembered() };
    Object.assign(this._chosen, { speaking, listening });
    this._fillMenus();
    if (error.code === LEFT) return;
    setProblem(byId('join-problem'), error.message);
    // The words and the button below them.
    byId('go').scrollIntoView({ block: 'nearest' });
  }
}
