// The microphone, and how loud it is.

// Levels between these, in decibels below full scale, fill the meter from end to end.
const QUIET_DB = -60;
const LOUD_DB = -12;

/** Why there is no microphone: `code` is `refused`, `missing`, `busy`, `insecure` or `failed`. */
export class MicrophoneError extends Error {
  constructor(code) {
    super(`microphone ${code}`);
    this.code = code;
  }
}

const CODES = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
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

/** An open microphone with its level. */
export class Microphone {
  constructor(stream) {
    this.track = stream.getAudioTracks()[0];
    this.deviceId = this.track.getSettings().deviceId;
    this._stream = stream;
    this._context = new AudioContext();
    this._analyser = this._context.createAnalyser();
    this._analyser.fftSize = 1024;
    this._samples = new Float32Array(this._analyser.fftSize);
    // Only measured: nothing is connected to the loudspeaker.
    this._context.createMediaStreamSource(stream).connect(this._analyser);
  }

  /** Opens one; throws MicrophoneError. */
  static async open(deviceId) {
    if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) throw new MicrophoneError('insecure');
    const cleaned = !isRaw();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: {
          deviceId: deviceId ? { ideal: deviceId } : undefined,
          echoCancellation: cleaned,
          noiseSuppression: cleaned,
          autoGainControl: cleaned,
        },
      });
      return new Microphone(stream);
    } catch (error) {
      throw new MicrophoneError(CODES[error.name] ?? 'failed');
    }
  }

  /** How loud it is now, from 0 to 1. */
  level() {
    if (this._context.state === 'suspended') this._context.resume();
    this._analyser.getFloatTimeDomainData(this._samples);
    const power = this._samples.reduce((sum, sample) => sum + sample * sample, 0) / this._samples.length;
    const decibels = 10 * Math.log10(power + 1e-12);
    return Math.min(1, Math.max(0, (decibels - QUIET_DB) / (LOUD_DB - QUIET_DB)));
  }

  /** Stops measuring; the track goes on. */
  stopMeasuring() {
    if (this._context.state !== 'closed') this._context.close();
  }

  /** Gives the microphone back. */
  close() {
    this.stopMeasuring();
    for (const track of this._stream.getTracks()) track.stop();
  }
}
