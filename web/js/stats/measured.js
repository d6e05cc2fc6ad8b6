// What the browser measures of a connection, from one look to the next.

/** What several m-lines come to together, and what each does; see `Measured.take`. */
export class Measured {
  constructor() {
    // The last look: reports by id.
    this._before = new Map();
  }

  /**
   * Takes a look (an RTCStatsReport or Map). Gives { rtt, way, codec, up, down, lines }: milliseconds; how it goes (types of
   * both candidates and the protocol); the codec; of the microphone and of all that is heard { bitRate, lost, jitter,
   * concealed, buffer }, shares from 0 to 1; and the same of each m-line by mid. What is not known is null.
   */
  take(statistics) {
    const reports = new Map(statistics);
    const all = [...reports.values()];
    const heard = all.filter(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio');
    const said = all.find(({ type, kind }) => type === 'outbound-rtp' && kind === 'audio');
    const lines = new Map(heard.map((line) => [line.mid, this._line(line)]));
    const pair = selected(reports, all);
    const figures = {
      rtt: milliseconds(pair?.currentRoundTripTime),
      way: pair ? wayOf(pair, reports) : null,
      codec: codecOf(reports.get(heard[0]?.codecId ?? said?.codecId)),
      up: said ? this._microphone(said, all) : null,
      down: together([...lines.values()]),
      lines,
    };
    this._before = reports;
    return figures;
  }

  _microphone(said, all) {
    const told = all.find(({ type, localId, ssrc }) => type === 'remote-inbound-rtp' && (localId === said.id || ssrc === said.ssrc));
    const { bytesSent = 0, timestamp } = said;
    const before = this._before.get(said.id);
    return {
      bitRate: before ? (8000 * (bytesSent - before.bytesSent)) / (timestamp - before.timestamp) : null,
      lost: told?.fractionLost ?? null,
      jitter: milliseconds(told?.jitter),
      concealed: null,
      buffer: null,
    };
  }

  _line(line) {
    const before = this._before.get(line.id);
    const since = (name) => (line[name] ?? 0) - (before?.[name] ?? 0);
    const packets = since('packetsReceived');
    const lost = Math.max(0, since('packetsLost'));
    const emitted = since('jitterBufferEmittedCount');
    const samples = since('totalSamplesReceived');
    const elapsed = before ? line.timestamp - before.timestamp : 0;
    return {
      packets,
      samples,
      emitted,
      bitRate: elapsed > 0 ? (8000 * since('bytesReceived')) / elapsed : null,
      lost: packets + lost > 0 ? lost / (packets + lost) : null,
      jitter: packets > 0 ? milliseconds(line.jitter) : null,
      concealed: samples > 0 ? Math.max(0, since('concealedSamples') - since('silentConcealedSamples')) / samples : null,
      buffer: emitted > 0 ? (1000 * since('jitterBufferDelay')) / emitted : null,
    };
  }
}

/** Sums up what is heard: rates together, shares by how much each line has of it. */
function together(lines) {
  const live = lines.filter(({ packets }) => packets > 0);
  const weighed = (name, weight) => {
    const known = live.filter((line) => line[name] !== null);
    const total = known.reduce((sum, line) => sum + line[weight], 0);
    return total > 0 ? known.reduce((sum, line) => sum + line[name] * line[weight], 0) / total : null;
  };
  const rates = lines.filter(({ bitRate }) => bitRate !== null);
  return {
    bitRate: rates.length > 0 ? rates.reduce((sum, { bitRate }) => sum + bitRate, 0) : null,
    lost: weighed('lost', 'packets'),
    jitter: live.length > 0 ? Math.max(...live.map(({ jitter }) => jitter ?? 0)) : null,
    concealed: weighed('concealed', 'samples'),
    buffer: weighed('buffer', 'emitted'),
  };
}

/** The pair of candidates in use: Chromium names it in the transport, Firefox marks it. */
function selected(reports, all) {
  const transport = all.find(({ type }) => type === 'transport');
  const pairs = all.filter(({ type }) => type === 'candidate-pair');
  return reports.get(transport?.selectedCandidatePairId) ?? pairs.find((pair) => pair.selected)
    ?? pairs.find(({ nominated, state }) => nominated && state === 'succeeded') ?? null;
}

function wayOf(pair, reports) {
  const local = reports.get(pair.localCandidateId);
  const remote = reports.get(pair.remoteCandidateId);
  const protocol = local?.relayProtocol ?? local?.protocol ?? 'udp';
  return { local: local?.candidateType ?? null, remote: remote?.candidateType ?? null, protocol: protocol.toUpperCase() };
}

function codecOf(codec) {
  if (!codec) return null;
  const name = codec.mimeType.split('/').pop();
  return { name: name === 'opus' ? 'Opus' : name, rate: codec.clockRate };
}

function milliseconds(inSeconds) {
  return Number.isFinite(inSeconds) ? inSeconds * 1000 : null;
}
