// Why there is no microphone, in words, with what to do in this browser.

import { has, say } from '../base/strings.js';

/** Which browser this is, as far as its settings are elsewhere. */
function browser() {
  const agent = navigator.userAgent;
  if (/iPhone|iPad/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1)) return 'ios';
  if (/Firefox\//.test(agent)) return 'firefox';
  if (/Chrom(e|ium)\/|Edg\//.test(agent)) return 'chrome';
  return /Safari\//.test(agent) ? 'safari' : 'other';
}

/** Says it, for the `code` of a MicrophoneError. */
export function troubleWords(code) {
  const words = say(`microphone.${code}`);
  const hint = `microphone.hint_${browser()}`;
  return code === 'refused' && has(hint) ? `${words} ${say(hint)}` : words;
}
