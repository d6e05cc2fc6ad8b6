// The volume of one element, which goes up and down without a click.

// From one volume to another, and between two steps on the way, in milliseconds.
const RAMP_MS = 150;
const STEP_MS = 15;
// Where an element's volume cannot be set, what is to be quieter than this is silent.
const AUDIBLE = 0.5;

/** Whether elements take the volume that they are given. On iOS they do not, and newer ones say so only a moment later. */
export async function isVolumeTaken() {
  const probe = document.createElement('audio');
  probe.volume = 0.5;
  await new Promise((resolve) => { setTimeout(resolve); });
  return probe.volume === 0.5;
}

/** Sets one element's volume. */
export class Fade {
  constructor(audio) {
    this._audio = audio;
    // The volume that is on the way or reached.
    this._wanted = audio.volume;
    // Whether the element takes a volume; if not, it is silent or in full.
    this._isTaken = true;
    this._timer = null;
  }

  /** Makes do without volumes. */
  onlyMute() {
    this.stop();
    this._isTaken = false;
    this._audio.muted = this._wanted < AUDIBLE;
  }

  /** Goes to a volume. */
  to(volume) {
    if (volume === this._wanted) return;
    // Timers of a hidden page are slow, and nobody minds a step more than a ramp of many seconds.
    if (!this._isTaken || document.hidden) {
      this.set(volume);
      return;
    }
    this.stop();
    this._wanted = volume;
    const [from, since] = [this._audio.volume, performance.now()];
    this._timer = setInterval(() => {
      const share = Math.min(1, (performance.now() - since) / RAMP_MS);
      this._audio.volume = from + (volume - from) * share;
      if (share === 1) this.stop();
    }, STEP_MS);
  }

  /** Is at a volume at once. */
  set(volume) {
    this.stop();
    this._wanted = volume;
    if (this._isTaken) this._audio.volume = volume;
    else this._audio.muted = volume < AUDIBLE;
  }

  stop() {
    clearInterval(this._timer);
    this._timer = null;
  }
}
