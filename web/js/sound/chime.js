// A chime to try the loudspeaker with, made of numbers: three notes of a small bell.

import { useOutput } from './outputs.js';

const RATE = 24000;
const SECONDS = 1.7;
// When each begins, in seconds, and how high it is, in hertz: a major chord, upwards.
const NOTES = [[0, 523.25], [0.16, 659.25], [0.32, 783.99]];
// The overtones of a soft bell: times the note, how loud, and how fast each fades (per second).
const OVERTONES = [[1, 0.2, 3.2], [2, 0.06, 5], [3, 0.025, 8]];
// Seconds from nothing to full, so that no note begins with a click.
const ATTACK = 0.008;

function samples() {
  const sound = new Int16Array(RATE * SECONDS);
  for (let i = 0; i < sound.length; i += 1) {
    let value = 0;
    for (const [start, pitch] of NOTES) {
      const t = i / RATE - start;
      if (t < 0) continue;
      const attack = Math.min(1, t / ATTACK);
      for (const [times, gain, fade] of OVERTONES) {
        value += attack * gain * Math.exp(-fade * t) * Math.sin(2 * Math.PI * pitch * times * t);
      }
    }
    // To nothing at the end.
    sound[i] = Math.round(32767 * value * Math.min(1, (sound.length - i) / (RATE * 0.1)));
  }
  return sound;
}

/** A WAV file: 16 bits, mono. */
function wav(sound) {
  const header = new DataView(new ArrayBuffer(44));
  const text = (at, letters) => [...letters].forEach((letter, i) => header.setUint8(at + i, letter.charCodeAt(0)));
  text(0, 'RIFF');
  header.setUint32(4, 36 + sound.byteLength, true);
  text(8, 'WAVEfmt ');
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, RATE, true);
  header.setUint32(28, RATE * 2, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  text(36, 'data');
  header.setUint32(40, sound.byteLength, true);
  return new Blob([header, sound], { type: 'audio/wav' });
}

/** Plays it where everything is played, until its end. Throws what the browser throws if it may not play. */
export async function playChime() {
  const address = URL.createObjectURL(wav(samples()));
  const audio = new Audio(address);
  try {
    await useOutput(audio);
    const over = new Promise((done, failed) => {
      audio.onended = done;
      audio.onerror = () => failed(new Error('the chime cannot be played'));
    });
    await audio.play();
    await over;
  } finally {
    URL.revokeObjectURL(address);
  }
}
