// How loud the microphone is, as a bar.

// Written so often, in milliseconds, for those who have it read out.
const READ_MS = 250;

/** A bar, and what glows with it. */
export class LevelMeter {
  /** `bar` is a meter to screen readers too; `glows` are elements whose style takes `--level`. */
  constructor(bar, glows = []) {
    this._bar = bar;
    this._glows = [bar, ...glows];
    this._writtenAt = 0;
    // The loudest since then.
    this._peak = 0;
  }

  show(level) {
    for (const element of this._glows) element.style.setProperty('--level', level.toFixed(3));
    this._peak = Math.max(this._peak, level);
    const now = performance.now();
    if (now - this._writtenAt < READ_MS && level > 0) return;
    this._bar.setAttribute('aria-valuenow', Math.round(this._peak * 100));
    this._writtenAt = now;
    this._peak = 0;
  }
}
