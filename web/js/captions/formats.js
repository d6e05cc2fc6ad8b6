// What was said as a file: SubRip, WebVTT or text. Pure.
//
// Names and words are text: what would be markup in a format is escaped there, or written otherwise where it has no escapes.

/** Which words a file has: those I read, those that were spoken, or both. */
export const WORDS = ['mine', 'original', 'both'];

/** The formats: what writes one, from cues (`cuesOf`) and a choice of `WORDS`; its file's ending and type. */
export const FORMATS = {
  srt: { write: srt, type: 'application/x-subrip' },
  vtt: { write: vtt, type: 'text/vtt' },
  txt: { write: txt, type: 'text/plain' },
};

/** Gives the lines of a clause as [text, language]: one or two. */
export function linesOf({ text, language, source, sourceLanguage }, words) {
  const mine = [text, language];
  if (source === null || source === undefined || words === 'mine') return [mine];
  return words === 'original' ? [[source, sourceLanguage]] : [mine, [source, sourceLanguage]];
}

/** Gives the name of a file: the room, and the day and time at which it begins, here. */
export function fileName(room, beganAt, words, ending) {
  const at = new Date(beganAt);
  const [year, month, day, hour, minute] = [
    at.getFullYear(), at.getMonth() + 1, at.getDate(), at.getHours(), at.getMinutes(),
  ].map((number) => String(number).padStart(2, '0'));
  return `${room}-${year}-${month}-${day}-${hour}${minute}${words === 'mine' ? '' : `-${words}`}.${ending}`;
}

function srt(cues, words) {
  const zero = cues[0]?.beganAt ?? 0;
  return cues
    .map((cue, place) => {
      const times = `${clock(cue.beganAt - zero, ',')} --> ${clock(cue.shownUntil - zero, ',')}`;
      const [first, ...others] = linesOf(cue, words).map(([text]) => plain(text));
      const lines = [`${plain(cue.name)}: ${first}`, ...others];
      return [place + 1, times, ...lines, ''].join('\r\n');
    })
    .join('\r\n');
}

function vtt(cues, words) {
  const zero = cues[0]?.beganAt ?? 0;
  const head = `WEBVTT\n\nNOTE Zero is ${new Date(zero).toISOString()}\n`;
  const blocks = cues.map((cue) => {
    const times = `${clock(cue.beganAt - zero, '.')} --> ${clock(cue.shownUntil - zero, '.')}`;
    const [first, ...others] = linesOf(cue, words);
    const lines = [
      `<v ${escaped(cue.name)}>${escaped(first[0])}`,
      ...others.map(([text, language]) => `<lang ${escaped(language)}>${escaped(text)}</lang>`),
    ];
    return `${times}\n${lines.join('\n')}\n`;
  });
  return [head, ...blocks].join('\n');
}

function txt(cues, words) {
  return cues
    .map((cue) => {
      const [first, ...others] = linesOf(cue, words).map(([text]) => oneLine(text));
      const time = new Date(cue.beganAt).toTimeString().slice(0, 8);
      return [`[${time}] ${oneLine(cue.name)}: ${first}`, ...others.map((text) => `    ${text}`)].join('\n') + '\n';
    })
    .join('');
}

/** Gives `hh:mm:ss`, a mark and milliseconds. */
function clock(milliseconds, mark) {
  const parts = [milliseconds / 3_600_000, (milliseconds / 60_000) % 60, (milliseconds / 1000) % 60];
  const [hours, minutes, seconds] = parts.map((part) => String(Math.floor(part)).padStart(2, '0'));
  return `${hours}:${minutes}:${seconds}${mark}${String(Math.floor(milliseconds % 1000)).padStart(3, '0')}`;
}

/** A blank line would end a cue, and a control character is nobody's words. */
function oneLine(text) {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').replace(/\s+/gu, ' ').trim();
}

/** SubRip has no escapes: players take `<...>` and `{\...}` for markup, and an arrow between times for another cue. */
function plain(text) {
  return oneLine(text)
    .replaceAll('-->', '\u2192')
    .replaceAll('<', '\u2039')
    .replaceAll('>', '\u203a')
    .replaceAll('{\\', '{\u2060\\');
}

function escaped(text) {
  return oneLine(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
