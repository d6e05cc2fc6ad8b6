// The overlay page: a room's captions and nothing else, for OBS and projectors.

import { byId, make } from './base/dom.js';
import { loadStrings, locale, say } from './base/strings.js';
import { OverlayLines } from './captions/overlay_lines.js';
import { isDark, propertiesOf, settingsOf } from './captions/overlay_settings.js';
import { CaptionFeed } from './wire/caption_feed.js';
import { serverNow } from './wire/server_clock.js';
import { tokenFor } from './wire/token.js';

// How long something is told.
const TOLD_MS = 10_000;
// Close codes of the captions socket with a sentence of their own.
const WORDS = {
  1008: 'overlay.not_allowed',
  4001: 'overlay.bad_token',
  4401: 'overlay.bad_token',
  4403: 'overlay.lobby',
  4404: 'overlay.no_room',
  4405: 'overlay.removed',
  4410: 'overlay.room_ended',
  4413: 'overlay.full',
  4423: 'overlay.locked',
  4425: 'overlay.lobby',
  4429: 'overlay.too_many',
};

const roomId = location.pathname.split('/')[2];

/** Says something to whoever sets the overlay up, small and for a while; once, until it is something else. */
function tell(words) {
  const told = byId('told');
  if (told.dataset.last === words) return;
  told.dataset.last = words;
  const line = make('p', { dir: 'auto' }, words);
  told.append(line);
  setTimeout(() => line.remove(), TOLD_MS);
}

function problemText({ name, value, wants, values }) {
  if (!wants) return say('overlay.unknown', { name });
  return say('overlay.bad_value', { name, value: value.slice(0, 40), wanted: say(wants, values) });
}

/** Puts the settings on the page. */
function apply(settings) {
  const { style } = document.documentElement;
  for (const [name, value] of Object.entries(propertiesOf(settings))) style.setProperty(name, value);
  Object.assign(byId('overlay').dataset, { position: settings.position, align: settings.align });
  byId('overlay').classList.toggle('is-outlined', settings.outline !== 'none');
  byId('overlay').classList.toggle('is-dark', isDark(settings));
}

/** Two captions to set the looks up by, until there are real ones. */
function showPreview(lines) {
  const caption = {
    utterance_id: 'preview',
    speaker_id: 'preview',
    speaker_name: 'Parley',
    timestamp_ms: serverNow(),
    language: locale(),
    source_language: 'und',
    source_text: say('overlay.preview_original'),
  };
  lines.show({ ...caption, clause: 0, is_final: true, text: say('overlay.preview') });
  lines.show({ ...caption, clause: 1, is_final: false, text: say('overlay.preview_interim') });
}

function queryOf({ lang, interim }) {
  // Without a language: what is said, as it is said.
  return { ...(lang ? { language: lang } : { translate: '0' }), ...(interim ? {} : { interim: '0' }) };
}

async function start() {
  await loadStrings();
  const { settings, problems } = settingsOf(new URLSearchParams(location.search));
  apply(settings);
  for (const problem of problems) tell(problemText(problem));
  const lines = new OverlayLines(byId('lines'), settings);
  // What is only to look at stays until something is said.
  let preview = settings.preview ? new OverlayLines(byId('lines'), { ...settings, fade: 0 }) : null;
  if (preview) showPreview(preview);
  const { dataset } = document.documentElement;
  new CaptionFeed({
    roomId,
    query: queryOf(settings),
    token: () => tokenFor(roomId),
    listener: {
      caption: (caption) => {
        preview?.clear();
        preview = null;
        lines.show(caption);
      },
      found: () => {
        dataset.link = 'open';
        delete byId('told').dataset.last;
        lines.renew();
      },
      lost: () => {
        dataset.link = 'lost';
      },
      refused: (code, words) => tell(words ?? say(WORDS[code])),
    },
  });
}

await start();
