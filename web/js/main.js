// The room page: from the form through the call to its end.

import { byId } from './base/dom.js';
import { Languages } from './base/languages.js';
import { remembered } from './base/memory.js';
import { applyStrings, loadStrings, say } from './base/strings.js';
import { JoinForm } from './entrance/join_form.js';
import { Call } from './room/call.js';
import { Controls } from './room/controls.js';
import { refusal, showEnding } from './room/ending.js';
import { Notices } from './room/notices.js';
import { Microphone } from './sound/microphone.js';
import { tokenFor } from './wire/token.js';

// The close code that asks for another token.
const BAD_TOKEN = 4001;

const roomId = location.pathname.split('/')[2];

/** Joins; resolves once inside, rejects with words when the server says no, and the `code` if it closed the socket. */
function enter(me, token, { languages, notices, controls }) {
  return new Promise((resolve, reject) => {
    new Call({
      roomId,
      token,
      renewToken: () => tokenFor(roomId),
      me,
      languages,
      notices,
      onJoined: (call) => {
        showCall(call, controls);
        resolve();
      },
      onRefused: (words) => reject(new Error(words)),
      onEnded: (code, call) => {
        if (call.participantId) end(code, call, { languages, notices, controls });
        else reject(Object.assign(new Error(refusal(code)), { code }));
      },
    });
  });
}

function showCall(call, controls) {
  controls.attach(call);
  byId('join').hidden = true;
  byId('ended').hidden = true;
  byId('call').hidden = false;
  byId('mute').focus({ preventScroll: true });
}

function end(code, call, parts) {
  parts.notices.clear();
  call.me.microphone?.close();
  showEnding(code, { onRejoin: () => rejoin(call, parts) });
}

/** Joins again as the participant I was, with a microphone if there was one. */
async function rejoin(call, parts) {
  byId('rejoin').disabled = true;
  const microphone = await reopened(call.me.microphone);
  try {
    await enterAgain({ ...call.me, microphone }, call.resumeToken, parts);
  } catch (error) {
    microphone?.close();
    parts.notices.show(error.message);
  } finally {
    byId('rejoin').disabled = false;
  }
}

/** Comes back by the resume token; a server that started anew does not know it: then as a new participant. */
async function enterAgain(me, resumeToken, parts) {
  try {
    await enter(me, resumeToken, parts);
  } catch (error) {
    if (error.code !== BAD_TOKEN) throw error;
    await enter(me, await tokenFor(roomId), parts);
  }
}

async function reopened(microphone) {
  if (!microphone) return null;
  try {
    const opened = await Microphone.open(microphone.deviceId);
    opened.stopMeasuring();
    return opened;
  } catch {
    return null; // to listen is better than not to come back; the bar offers to turn it on
  }
}

async function start() {
  await loadStrings();
  applyStrings();
  document.title = say('app.room_title', { room: roomId });
  byId('room-name').textContent = roomId;
  const languages = new Languages();
  await languages.load();
  const notices = new Notices(byId('notices'));
  const controls = new Controls({ languages, notices });
  const form = new JoinForm(roomId, languages, async ({ name, speaking, listening, microphone }) => {
    const token = await tokenFor(roomId);
    const me = { name, speaking, listening, original: remembered().original ?? 'off', muted: false, microphone };
    await enter(me, token, { languages, notices, controls });
  });
  await form.show();
}

await start();
