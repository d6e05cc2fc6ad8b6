// What an overlay's address asks for. Pure. The table of it is in web/README.md.

const FONTS = {
  sans: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif',
  serif: 'Georgia, "Noto Serif", "Times New Roman", serif',
  mono: 'ui-monospace, "Noto Sans Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace',
};

// Each: what it is without a word in the address, and what reads one: undefined if it cannot be meant. `wants` names
// the words that say what can.
const PARAMETERS = {
  lang: { usual: null, read: language, wants: 'overlay.wants_language' },
  dual: { usual: false, read: yesOrNo, wants: 'overlay.wants_flag' },
  interim: { usual: true, read: yesOrNo, wants: 'overlay.wants_flag' },
  names: { usual: true, read: yesOrNo, wants: 'overlay.wants_flag' },
  preview: { usual: false, read: yesOrNo, wants: 'overlay.wants_flag' },
  lines: { usual: 2, ...number(1, 10, { isWhole: true }) },
  fade: { usual: 8, ...number(0, 600) },
  weight: { usual: 600, ...number(100, 900, { isWhole: true }) },
  width: { usual: 90, ...number(20, 100) },
  margin: { usual: 4, ...number(0, 40) },
  size: { usual: '4.5vh', read: length, wants: 'overlay.wants_size' },
  font: { usual: 'sans', ...oneOf(Object.keys(FONTS)) },
  position: { usual: 'bottom', ...oneOf(['top', 'middle', 'bottom']) },
  align: { usual: 'center', ...oneOf(['start', 'center', 'end']) },
  color: { usual: '#ffffff', read: letters, wants: 'overlay.wants_colour' },
  original: { usual: '#ffffffb3', read: colour, wants: 'overlay.wants_colour' },
  background: { usual: '#000000b8', read: colour, wants: 'overlay.wants_colour' },
  outline: { usual: 'none', read: colour, wants: 'overlay.wants_colour' },
  page: { usual: 'none', read: colour, wants: 'overlay.wants_colour' },
};

// What else an address may have, which others read.
const OTHERS = new Set(['token', 'ui']);

/**
 * Gives `settings`, by the names of the parameters, and `problems`: { name, value, wants, values } of each word that
 * cannot be meant, `wants` being null where there is no such parameter at all.
 */
export function settingsOf(query) {
  const problems = [];
  const settings = Object.fromEntries(Object.entries(PARAMETERS).map(([name, { usual }]) => [name, usual]));
  for (const [name, value] of query) {
    if (OTHERS.has(name)) continue;
    const parameter = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : null;
    const read = parameter?.read(value.trim());
    if (read !== undefined) settings[name] = read;
    else problems.push({ name, value, wants: parameter?.wants ?? null, values: parameter?.values ?? {} });
  }
  // Without a box behind them, letters are read by their outline.
  if (settings.background === 'none' && !query.has('outline')) settings.outline = '#000000';
  return { settings, problems };
}

/** Whether letters are dark, so that coloured ones have to be dark as well. */
export function isDark({ color }) {
  const digits = color.slice(1);
  const each = digits.length < 6 ? [...digits].map((digit) => digit + digit) : digits.match(/../g);
  const [red, green, blue] = each.map((pair) => parseInt(pair, 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 110;
}

/** Gives what they come to in CSS: custom properties and their values. */
export function propertiesOf(settings) {
  const plain = (value) => (value === 'none' ? 'transparent' : value);
  return {
    '--size': settings.size,
    '--weight': settings.weight,
    '--font': FONTS[settings.font],
    '--color': settings.color,
    '--original': settings.original,
    '--background': plain(settings.background),
    '--outline': plain(settings.outline),
    '--page': plain(settings.page),
    '--width': `${settings.width}%`,
    '--margin': `${settings.margin}vmin`,
  };
}

function language(text) {
  try {
    return Intl.getCanonicalLocales(text)[0];
  } catch {
    return undefined;
  }
}

function yesOrNo(text) {
  return { 1: true, true: true, yes: true, 0: false, false: false, no: false }[text.toLowerCase()];
}

function number(least, most, { isWhole = false } = {}) {
  const read = (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
    return value >= least && value <= most && (!isWhole || Number.isInteger(value)) ? value : undefined;
  };
  return { read, wants: 'overlay.wants_number', values: { least, most } };
}

function oneOf(words) {
  return {
    read: (text) => (words.includes(text.toLowerCase()) ? text.toLowerCase() : undefined),
    wants: 'overlay.wants_word',
    values: { words: words.join(', ') },
  };
}

/** A height of letters: pixels, or a share of the picture's height or width. */
function length(text) {
  const [, digits, unit = 'px'] = /^(\d+(?:\.\d+)?)(px|vh|vw)?$/.exec(text.toLowerCase()) ?? [];
  const [least, most] = unit === 'px' ? [8, 400] : [1, 40];
  return digits !== undefined && Number(digits) >= least && Number(digits) <= most ? `${digits}${unit}` : undefined;
}

/** `none`, or red, green, blue and perhaps opacity in hexadecimal digits. An address has no `#` in its query. */
function colour(text) {
  const digits = text.toLowerCase().replace(/^#/, '');
  if (digits === 'none' || digits === 'transparent') return 'none';
  return /^([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/.test(digits) ? `#${digits}` : undefined;
}

/** A colour of letters, which have one. */
function letters(text) {
  const read = colour(text);
  return read === 'none' ? undefined : read;
}
