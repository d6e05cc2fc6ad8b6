// Figures as people read them; a dash where nothing is known.

import { number, say } from '../base/strings.js';

/** Where nothing is known. */
export const NONE = '–';

/** Writes a duration: 24 ms. */
export function ms(value) {
  return value === null ? NONE : say('stats.ms', { value: number(Math.round(value)) });
}

/** Writes a share of one: 0.4 %. */
export function percent(value) {
  return value === null ? NONE : number(value, { style: 'percent', maximumFractionDigits: 1 });
}

/** Writes a rate given in bits a second: 32 kbit/s. */
export function rate(value) {
  return value === null ? NONE : say('stats.kbits', { value: number(Math.round(value / 1000)) });
}

/** Says what a stage is called. */
export function stageName(stage) {
  return say(NAMES[stage]);
}

const NAMES = {
  recognised: 'stats.stage_recognised',
  translated: 'stats.stage_translated',
  synthesised: 'stats.stage_synthesised',
  returned: 'stats.stage_returned',
  sent: 'stats.stage_sent',
  heard: 'stats.stage_heard',
};
