// The room page: the form at once, and what is needed in the room while it is filled in.

import { byId } from './base/dom.js';
import { Languages } from './base/languages.js';
import { applyStrings, loadStrings, say } from './base/strings.js';
import { JoinForm } from './entrance/join_form.js';
import { MicrophoneCheck } from './entrance/microphone_check.js';
import { Waiting } from './entrance/waiting.js';
import { invited } from './wire/token.js';

const roomId = location.pathname.split('/')[2];

/** Gives what leads into the room; throws words if it cannot be loaded. */
async function loadVisit(settings) {
  try {
    const { Visit } = await import('./room/visit.js');
    return new Visit(settings);
  } catch (error) {
    console.error(error);
    throw new Error(say('error.incomplete'));
  }
}

async function start() {
  await loadStrings();
  applyStrings();
  document.title = say('app.room_title', { room: roomId });
  const mine = invited();
  const languages = new Languages({ allowed: mine?.langs });
  const check = new MicrophoneCheck();
  const waiting = new Waiting({ roomId, languages, check });
  let visit = null;
  const onJoin = async (me) => (await visit).enter(me);
  const form = new JoinForm({ roomId, languages, invited: mine, check, onJoin });
  const shown = form.show();
  visit = loadVisit({ roomId, languages, waiting });
  // Told when it is needed.
  visit.catch(() => {});
  await shown;
}

try {
  await start();
} catch (error) {
  // Something of the page did not come, its words perhaps: these stand in it.
  byId('loading').hidden = true;
  byId('broken').hidden = false;
  throw error;
}
