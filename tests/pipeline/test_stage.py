"""What a stage need not say."""

from pipeline.messages import Transcript
from pipeline.stage import Stage
from tests.pipeline.support import transcript


async def test_a_stage_that_keeps_nothing_open_leaves_the_rest_as_it_is() -> None:
    """Every message counts, none takes the place of another, nothing is due by itself."""
    stage: Stage[Transcript] = Stage()
    assert not stage.expendable(transcript())
    assert not stage.supersedes(transcript(), transcript())
    assert stage.open_utterance("room/ann") is None
    assert list(stage.overdue(0)) == []
    assert [result async for result in stage.close_overdue("room/ann")] == []
    await stage.forget("room/ann")
