// The room page: from the form through the call to its end.

import { Call } from './call.js';
import { Controls } from './controls.js';
import { byId } from './dom.js';
import { JoinForm } from './join.js';
import { Languages } from './languages.js';
import { remembered } from './memory.js';
import { Microphone } from './microphone.js';
import { Notices } from './notices.js';
import { applyStrings, loadStrings, say } from './strings.js';
import { tokenFor } from './token.js';

// The close codes (signaling/PROTOCOL.md) that end a call -> how the page tells it.
const ENDINGS = {
  1000: 'left',
  1008: 'refused',
  1009: 'refused',
  4001: 'token',
  4401: 'token',
  4403: 'denied',
  4404: 'no_room',
  4405: 'removed',
  4409: 'replaced',
  4410: 'room_ended',
  4413: 'full',
  4423: 'locked',
};

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
        if (call.participantId) showEnd(code, call, { languages, notices, controls });
        else {
          reject(Object.assign(new Error(refusal(code)), { code }));
        }
      },
    });
  });
}

/** Says why somebody who was not in yet does not come in. */
function refusal(code) {
  const ending = ENDINGS[code];
  if (!ending || ending === 'left') return say('error.unreachable');
  return `${say(`ended.${ending}`)}. ${say(`ended.${ending}_detail`)}`;
}

function showCall(call, controls) {
  controls.attach(call);
  byId('join').hidden = true;
  byId('ended').hidden = true;
  byId('call').hidden = false;
  byId('mute').focus({ preventScroll: true });
}

function showEnd(code, call, parts) {
  const ending = ENDINGS[code];
  if (byId('change').open) byId('change').close();
  parts.notices.clear();
  byId('call').hidden = true;
  byId('ended').hidden = false;
  byId('ended-title').textContent = say(`ended.${ending}`);
  byId('ended-detail').textContent = ending === 'left' ? '' : say(`ended.${ending}_detail`);
  byId('ended-title').focus();
  call.me.microphone?.close();
  byId('rejoin').onclick = () => rejoin(call, parts);
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
