// Where sound is played: one loudspeaker for all <audio> elements of the page, remembered by this browser.

import { remember, remembered } from '../base/memory.js';

// The browser's own choice.
const SYSTEM = '';

// What was chosen. It stays chosen while the device is away.
let chosen = remembered().output ?? SYSTEM;

/** Why a loudspeaker cannot be used: `code` is `gone` or `refused`. */
export class OutputError extends Error {
  constructor(code) {
    super(`loudspeaker ${code}`);
    this.code = code;
  }
}

/** Whether this browser plays anywhere else than where its system does. */
export function canChooseOutput() {
  return 'setSinkId' in HTMLMediaElement.prototype && Boolean(navigator.mediaDevices?.enumerateDevices);
}

/** Gives what the browser offers to play with; most browsers tell only who allowed a microphone. */
export async function outputs() {
  if (!canChooseOutput()) return [];
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind, deviceId }) => kind === 'audiooutput' && deviceId);
}

/** Gives the id of what was chosen, '' for the system's own. */
export function output() {
  return chosen;
}

/** Plays everything there from now on, and remembers it. Throws OutputError, and then nothing has changed. */
export async function setOutput(deviceId) {
  try {
    await new Audio().setSinkId(deviceId);
  } catch (error) {
    throw new OutputError(error.name === 'NotFoundError' ? 'gone' : 'refused');
  }
  chosen = deviceId;
  remember({ output: deviceId });
  await playAllAt(deviceId);
}

/** Has a new element play where everything plays; by the system's own loudspeaker if that one is away. */
export async function useOutput(audio) {
  if (!canChooseOutput() || chosen === SYSTEM) return;
  try {
    await audio.setSinkId(chosen);
  } catch {
    // Unplugged since the last visit, or not allowed any more: the sound is worth more than its place.
  }
}

function playAllAt(deviceId) {
  const elements = [...document.querySelectorAll('audio')].filter((audio) => audio.sinkId !== deviceId);
  return Promise.allSettled(elements.map((audio) => audio.setSinkId(deviceId)));
}

/** A loudspeaker that was unplugged would leave silence; one that comes back is used again. */
async function followDevices() {
  if (chosen === SYSTEM) return;
  const devices = await outputs();
  if (devices.length === 0) return; // they are not told here
  await playAllAt(devices.some(({ deviceId }) => deviceId === chosen) ? chosen : SYSTEM);
}

if (canChooseOutput()) navigator.mediaDevices.addEventListener?.('devicechange', followDevices);
