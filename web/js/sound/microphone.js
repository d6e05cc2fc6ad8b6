// The microphone, and how loud it is.

// Levels between these, in decibels below full scale, fill the meter from end to end.
const QUIET_DB = -60;
const LOUD_DB = -12;
// Half of the smallest step of 16 bits: what never gets louder is no sound, but zeros.
const NOTHING = 2 ** -16;

/**
 * Why there is no microphone: `code` is `refused` (and not asked again), `dismissed` (asked again next time), `system` (the
 * browser itself may not use it), `missing`, `busy`, `insecure` or `failed`. The page has words for each of them.
 */
export class MicrophoneError extends Error {
  constructor(code) {
    super(`microphone ${code}`);
    this.code = code;
  }
}

const CODES = {
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

/** Whether `?raw=1` asks for the sound as it is: line-in, mixers and test sources suffer from clean-up. */
function isRaw() {
  return new URLSearchParams(location.search).get('raw') === '1';
}

/** Gives what the browser offers to record with; names are there only once one was allowed. */
export async function microphones() {
  if (!navigator.mediaDevices?.enumerateDevices) return [];
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId);
}

/** Gives what the browser says of the permission, a PermissionStatus that changes; null where it does not say. */
export async function permission() {
  try {
    return await navigator.permissions.query({ name: 'microphone' });
  } catch {
    return null;
  }
}

async function codeOf(error) {
  if (error.name !== 'NotAllowedError' && error.name !== 'SecurityError') return CODES[error.name] ?? 'failed';
  if (/system/i.test(error.message)) return 'system';
  return (await permission())?.state === 'prompt' ? 'dismissed' : 'refused';
}

/**
 * Opens a device, or another one where it is gone. Asked for exactly: a wish (`ideal`) Chromium fulfils with whatever is
 * open already.
 */
async function opened(deviceId) {
  const cleaned = !isRaw();
  const audio = { echoCancellation: cleaned, noiseSuppression: cleaned, autoGainControl: cleaned };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: deviceId ? { ...audio, deviceId: { exact: deviceId } } : audio });
  } catch (error) {
    if (!deviceId || !['OverconstrainedError', 'NotFoundError'].includes(error.name)) throw error;
    return navigator.mediaDevices.getUserMedia({ audio });
  }
}

/** An open microphone with its level. */
export class Microphone {
  constructor(stream) {
    this.track = stream.getAudioTracks()[0];
    this.deviceId = this.track.getSettings().deviceId;
    this._stream = stream;
    // What measures it, while somebody asks.
    this._context = null;
    this._analyser = null;
    this._samples = null;
  }

  /** Opens one, that device if it is there; throws MicrophoneError. */
  static async open(deviceId) {
    if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) throw new MicrophoneError('insecure');
    try {
      return new Microphone(await opened(deviceId));
    } catch (error) {
      throw new MicrophoneError(await codeOf(error));
    }
  }

  /**
   * How loud it is now, from 0 to 1; and whether it gives nothing at all, which is null while that cannot be told. Begins to
   * measure again where that was stopped.
   */
  measure() {
    if (this._context === null) this._startMeasuring();
    if (this._context.state === 'suspended') this._context.resume();
    this._analyser.getFloatTimeDomainData(this._samples);
    const power = this._samples.reduce((sum, sample) => sum + sample * sample, 0) / this._samples.length;
    const decibels = 10 * Math.log10(power + 1e-12);
    const level = Math.min(1, Math.max(0, (decibels - QUIET_DB) / (LOUD_DB - QUIET_DB)));
    const isNothing = this._samples.every((sample) => Math.abs(sample) < NOTHING);
    const canTell = this._context.state === 'running' && this.track.enabled;
    return { level, isNothing: canTell ? isNothing : null };
  }

  /** Stops measuring; the track goes on. */
  stopMeasuring() {
    this._context?.close();
    this._context = null;
  }

  /** Gives the microphone back. */
  close() {
    this.stopMeasuring();
    for (const track of this._stream.getTracks()) track.stop();
  }

  _startMeasuring() {
    this._context = new AudioContext();
    this._analyser = this._context.createAnalyser();
    this._analyser.fftSize = 1024;
    this._samples = new Float32Array(this._analyser.fftSize);
    // Only measured: nothing is connected to the loudspeaker.
    this._context.createMediaStreamSource(this._stream).connect(this._analyser);
  }
}
