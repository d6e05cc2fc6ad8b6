"""One loaded model, and what it does when memory is short."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from structlog.testing import capture_logs

from pipeline.engines.ct2.family import Written
from pipeline.engines.ct2.model import CPU, Model, Place
from pipeline.engines.engine import EngineError
from pipeline.engines.options.ctranslate2 import CTranslate2Options

GPU = Place("cuda", "float16")
FULL = RuntimeError("CUDA failed with error out of memory")


class Answer(NamedTuple):
    """What CTranslate2 gives for one request."""

    hypotheses: list[list[str]]


class Card:
    """A device whose memory is enough for `fits` requests at once; it says each backwards, and fails on `bad`."""

    def __init__(self, fits: int) -> None:
        self.fits = fits
        self.batches: list[int] = []
        self.bounds: list[int] = []

    def translate_batch(self, source: list[list[str]], **options: Any) -> list[Answer]:
        self.batches.append(len(source))
        self.bounds.append(options["max_decoding_length"])
        if len(source) > self.fits:
            raise FULL
        if ["bad"] in source:
            raise ValueError("token bad is not in the vocabulary")
        prefixes = options["target_prefix"] or [[]] * len(source)
        return [Answer([[*prefix, *reversed(tokens)]]) for tokens, prefix in zip(source, prefixes, strict=True)]


def model(card: Card, cpu: Card | None = None, most: int = 8) -> Model:
    def load(folder: Path, place: Place, threads: int) -> Card:
        assert (folder.name, threads) == ("m", 0)
        return card if place == GPU else cpu or Card(99)

    return Model(Path("m"), CTranslate2Options(max_batch_size=most), GPU, load)


def requests(count: int) -> list[Written]:
    return [Written([str(number), "x"], ["to"]) for number in range(count)]


def answers(count: int) -> list[list[str]]:
    return [["x", str(number)] for number in range(count)]


@pytest.mark.parametrize("count", [1, 5, 8, 20])
def test_requests_are_done_in_order_and_without_their_prefix(count: int) -> None:
    """As many at once as may be."""
    card = Card(99)
    assert model(card).translate(requests(count)) == answers(count)
    assert max(card.batches) <= 8


@pytest.mark.parametrize("fits", [1, 3, 5])
def test_a_full_memory_halves_the_batch(fits: int) -> None:
    """Everybody is answered all the same, and later batches are no larger; it is said."""
    card = Card(fits)
    one = model(card)
    with capture_logs() as logs:
        assert one.translate(requests(20)) == answers(20)
    assert one.limit <= fits
    assert logs[0]["event"] == "translation_out_of_memory"
    card.batches.clear()
    assert one.translate(requests(6)) == answers(6)
    assert max(card.batches) <= fits
    assert one.place == GPU


def test_what_does_not_fit_alone_goes_to_the_cpu() -> None:
    """With everything after it; it is said."""
    cpu = Card(99)
    one = model(Card(0), cpu)
    with capture_logs() as logs:
        assert one.translate(requests(3)) == answers(3)
    assert one.place == CPU
    assert logs[-1] == {
        "event": "translation_on_cpu",
        "log_level": "warning",
        "model": "m",
        "why": "out of memory",
    }
    assert one.translate(requests(2)) == answers(2)
    assert cpu.batches[-1] == 2


def test_no_memory_anywhere_is_an_error() -> None:
    """That may pass."""
    (result,) = model(Card(0), Card(0)).translate(requests(1))
    assert isinstance(result, EngineError)
    assert result.retriable


def test_a_bad_request_costs_only_itself() -> None:
    """And its text is not in what is said about it."""
    one = model(Card(99))
    with capture_logs() as logs:
        results = one.translate([*requests(2), Written(["bad"], [])])
    assert results[:2] == answers(2)
    assert isinstance(results[2], EngineError)
    assert "bad" not in str(results[2])
    assert "bad" not in str(logs)


def test_a_short_text_does_not_ramble_because_a_long_one_is_beside_it() -> None:
    """Each has a bound of its own."""

    class Rambler(Card):
        def translate_batch(self, source: list[list[str]], **options: Any) -> list[Answer]:
            return [Answer([["x"] * options["max_decoding_length"]]) for _ in source]

    short, long = model(Rambler(9)).translate([Written(["a"] * 2, []), Written(["a"] * 100, [])])
    assert isinstance(short, list)
    assert isinstance(long, list)
    assert (len(short), len(long)) == (21, 266)


def test_a_model_that_the_gpu_cannot_load_is_loaded_on_the_cpu() -> None:
    """It is said; one that cannot be loaded at all is an error."""

    def load(_folder: Path, place: Place, _threads: int) -> Card:
        if place == GPU:
            raise FULL
        return Card(9)

    with capture_logs() as logs:
        one = Model(Path("m"), CTranslate2Options(), GPU, load)
    assert one.place == CPU
    assert logs[0]["why"] == "out of memory"

    def fail(_folder: Path, _place: Place, _threads: int) -> Card:
        raise RuntimeError("File model.bin is incomplete")

    with pytest.raises(EngineError, match="m cannot be loaded"):
        Model(Path("m"), CTranslate2Options(), GPU, fail)
