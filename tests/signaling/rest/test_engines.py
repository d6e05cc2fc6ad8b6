"""The engines, as their workers say."""

from pipeline.messages import WorkerStatus
from signaling.rest.engines import Pair, engines_of
from tests.signaling.rest.conftest import Api

EARS = WorkerStatus(
    worker_id="stt-1", stage="recognition", engine="pocketsphinx", healthy=True, languages=("es", "en"), at_ms=1
)
TONGUE = WorkerStatus(
    worker_id="mt-1",
    stage="translation",
    engine="apertium",
    healthy=False,
    pairs=(("es", "en"), ("en", "es")),
    rung=1,
    reduced_pairs=(("en", "es"),),
    reason="it does not answer",
    at_ms=1,
)


def test_workers_stand_under_their_stage() -> None:
    """With what they can do, in order, and what they cannot."""
    engines = engines_of([TONGUE, EARS])
    [ears], [tongue] = engines.recognition, engines.translation
    assert (ears.worker_id, ears.languages, ears.rung) == ("stt-1", ["en", "es"], 0)
    assert tongue.pairs == [Pair("en", "es"), Pair("es", "en")]
    assert (tongue.healthy, tongue.reason, tongue.rung) == (False, "it does not answer", 1)
    assert tongue.reduced_pairs == [Pair("en", "es")]
    assert engines.synthesis == []


async def test_they_are_told_as_they_are_now(api: Api) -> None:
    """Over HTTP."""
    api.house.rooms.paths.workers = [EARS]
    status, told = await api("GET", "engines")
    assert status == 200
    assert told["recognition"][0]["engine"] == "pocketsphinx"
