"""Voices for Piper with random weights: what comes out is a buzz, but of the right length, rate and speaker."""

import json
from pathlib import Path

import numpy as np

from tests.support.onnx_file import FLOAT, INT64, Graph, value

ESPEAK = {"es_ES": "es", "es_MX": "es-419"}
"""What espeak-ng, which Piper has inside, calls a language, where that is not the locale."""
CHANNELS = 16
HOP = 256
FRAMES_PER_PHONEME = 2.4
"""Of every phoneme and every pad between two: a clause lasts as long as a person would take."""
SYMBOLS = (
    "_^$ !'(),-.:;?abcdefghijklmnopqrstuvwxyzæçðøħŋœǀɐɑɒɓɔɕɖɗɘəɚɛɜɞɟɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔ"
    "ˈˌːˑ\u0303\u0329\u032f"
)


def write_voice(folder: Path, name: str, *, code: str = "es_ES", speakers: int = 1, sample_rate: int = 22_050) -> Path:
    """Write NAME.onnx and NAME.onnx.json, and give the former's path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    path.write_bytes(_model(speakers, seed=len(name) + speakers))
    described = {
        "audio": {"sample_rate": sample_rate, "quality": "medium"},
        "espeak": {"voice": ESPEAK.get(code, code.replace("_", "-").lower())},
        "language": {"code": code},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": {symbol: [number] for number, symbol in enumerate(SYMBOLS)},
        "num_symbols": 256,
        "num_speakers": speakers,
        "speaker_id_map": {f"s{number}": number for number in range(speakers)} if speakers > 1 else {},
        "piper_version": "1.0.0",
    }
    Path(f"{path}.json").write_text(json.dumps(described), encoding="utf-8")
    return path


def _model(speakers: int, seed: int) -> bytes:
    """Write a model with the inputs and the output of Piper's VITS: ids, their number, three scales, speaker; sound."""
    random = np.random.default_rng(seed)
    graph = Graph()

    def weights(*shape: int) -> str:
        return graph.weight(random.standard_normal(shape).astype(np.float32))

    ids = graph.node("Squeeze", "input", graph.whole([0]))
    people = weights(speakers, CHANNELS)
    person = graph.node("Gather", people, "sid" if speakers > 1 else graph.whole([0]))
    spoken = graph.node("Add", graph.node("Gather", weights(256, CHANNELS), ids), person)
    # So many frames for each id, times the length scale; each frame is that of the id it falls on.
    slowness = graph.node("Gather", "scales", graph.whole(1))
    count = graph.node("Cast", graph.node("Size", ids), to=FLOAT)
    per_phoneme = graph.weight(np.array(FRAMES_PER_PHONEME, np.float32))
    long = graph.node("Ceil", graph.node("Mul", graph.node("Mul", count, per_phoneme), slowness))
    steps = graph.node("Range", graph.whole(0), graph.node("Cast", long, to=INT64), graph.whole(1))
    places = graph.node("Mul", graph.node("Cast", steps, to=FLOAT), graph.node("Div", count, long))
    frames = graph.node("Tanh", graph.node("Gather", spoken, graph.node("Cast", graph.node("Floor", places), to=INT64)))
    rows = graph.node("Unsqueeze", graph.node("Transpose", frames, perm=(1, 0)), graph.whole([0]))
    edge = HOP // 2
    sound = graph.node("ConvTranspose", rows, weights(CHANNELS, 1, 2 * HOP), strides=(HOP,), pads=(edge, edge))
    # Past the mean of many the sum is in the middle of tanh.
    quieter = graph.weight(np.array(0.05, np.float32))
    loud = graph.node("Tanh", graph.node("Mul", sound, quieter))
    graph.node("Unsqueeze", loud, graph.whole([0]), output="output")
    inputs = [
        value("input", INT64, 1, "phonemes"),
        value("input_lengths", INT64, 1),
        value("scales", FLOAT, 3),
        *([value("sid", INT64, 1)] if speakers > 1 else []),
    ]
    return graph.model(inputs, [value("output", FLOAT, 1, 1, 1, "samples")])
