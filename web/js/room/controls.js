// What is around a call and belongs to nobody else: the bar below, the dialogs behind it, keys, devices, the screen.

import { byId } from '../base/dom.js';
import { LanguageFields } from '../base/language_fields.js';
import { Devices } from './devices.js';
import { DevicesDialog } from './devices_dialog.js';
import { LanguagesDialog } from './languages_dialog.js';
import { MicrophoneButton } from './microphone_button.js';
import { MyLevel } from './my_level.js';
import { PushToTalk } from './push_to_talk.js';
import { RoomState } from './room_state.js';
import { Share } from './share.js';
import { Shortcuts } from './shortcuts.js';
import { Toolbar } from './toolbar.js';
import { VisitEnd } from './visit_end.js';
import { WakeLock } from './wake_lock.js';

/** The controls of the page, made once; `attach` gives them a call. */
export class Controls {
  constructor({ languages }) {
    this._toolbar = new Toolbar();
    this._fields = new LanguageFields(languages, { speak: 'change-speak', hear: 'change-hear' });
    this._parts = [];
  }

  attach(call) {
    byId('leave').onclick = () => call.leave();
    const devices = new DevicesDialog(call);
    const button = new MicrophoneButton(call);
    this._parts = [
      devices,
      button,
      new MyLevel(call, { onLevel: (level) => button.showLevel(level), onHelp: () => devices.open() }),
      new PushToTalk(call),
      new LanguagesDialog(call, this._fields),
      new Share(call),
      new Shortcuts(call),
      new Devices(call),
      new RoomState(call),
      new VisitEnd(call),
      new WakeLock(call),
    ];
    this._toolbar.fit();
  }
}
