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

// The socket's close codes (signaling/PROTOCOL.md) -> how the page tells the end.
const ENDINGS = {
  1000: 'left', 1001: 'away', 1008: 'refused', 1009: 'refused', 1013: 'slow', 4001: 'token', 4409: 'replaced',
};

const roomId = location.pathname.split('/')[2];

/** Joins; resolves once inside, rejects with words when the server says no. */
function enter(me, token, { languages, notices, controls }) {
  return new Promise((resolve, reject) => {
    new Call({
      roomId,
      token,
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
        else reject(new Error(say(code === 4001 ? 'ended.token' : 'error.unreachable')));
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

function showEnd(code, call, parts) {
  const ending = ENDINGS[code] ?? 'lost';
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

/** Joins again as the same participant, with a microphone if there was one. */
async function rejoin(call, parts) {
  byId('rejoin').disabled = true;
  try {
    const microphone = await reopened(call.me.microphone);
    await enter({ ...call.me, microphone }, call.resumeToken, parts);
  } catch (error) {
    parts.notices.show(error.message);
  } finally {
    byId('rejoin').disabled = false;
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
  const languages = await Languages.load();
  const notices = new Notices(byId('notices'));
  const controls = new Controls({ languages, notices });
  const form = new JoinForm(roomId, languages, async ({ name, speaking, listening, microphone }) => {
    const token = await tokenFor(roomId);
    const me = { name, speaking, listening, original: remembered().original ?? 'off', microphone };
    await enter(me, token, { languages, notices, controls });
  });
  await form.show();
}

await start();
