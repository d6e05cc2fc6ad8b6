"""What the media process and an engine's process say to each other."""

import msgspec

from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.transcriber import Hypothesis
from pipeline.engines.translator import TranslationRequest


class Frame(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """One thing said. `id` ties an answer to its request, and is new for every request of a process."""

    id: int = 0


# To the engine.


class Begin(Frame, frozen=True):
    """The first frame to a process: what is set about its engine, as msgpack of its class's `Options`; or nothing.

    It is sent, and not put on the command line, since it may hold keys.
    """

    options: bytes = b""


class Open(Frame, frozen=True):
    """Begin an utterance, which is called by this frame's id from now on. Answered by Done."""

    language: str
    speaker: str
    hints: tuple[str, ...] = ()


class Push(Frame, frozen=True):
    """More sound. Answered by Heard."""

    utterance: int
    pcm: bytes


class Peek(Frame, frozen=True):
    """Answered by Heard."""

    utterance: int


class Finish(Frame, frozen=True):
    """Answered by Heard."""

    utterance: int


class Abort(Frame, frozen=True):
    """Answered by Done, even if there is no such utterance any more."""

    utterance: int


class Translate(Frame, frozen=True):
    """Answered by Translated."""

    request: TranslationRequest


class Warm(Frame, frozen=True):
    """Get ready to translate this pair. Answered by Done."""

    source: str
    target: str


class Speak(Frame, frozen=True):
    """Answered by Packets, again and again, and Done. At most `window` packets may be unanswered by More."""

    request: SynthesisRequest
    window: int


class More(Frame, frozen=True):
    """So many packets of the Speak with this id were taken: as many more may come."""

    packets: int


class Forget(Frame, frozen=True):
    """This speaker's own voice may not be used any more: keep nothing of it. Not answered."""

    voice_seed: str


class Cancel(Frame, frozen=True):
    """Nobody waits for this id's answer any more; none need come."""


class Ping(Frame, frozen=True):
    """Answered by Done at once, if the process still turns."""


# From the engine.


class Ready(Frame, frozen=True):
    """The first frame of a process that works: the engine is loaded. Languages, or pairs for a translator."""

    languages: frozenset[str] = frozenset()
    pairs: frozenset[tuple[str, str]] = frozenset()
    # Of a synthesizer: whether it can speak in somebody's own voice.
    imitates: bool = False


class Done(Frame, frozen=True):
    """It is done, and there is nothing to say about it."""


class Heard(Frame, frozen=True):
    """What an utterance sounds like so far."""

    hypothesis: Hypothesis


class Translated(Frame, frozen=True):
    """A clause in the other language."""

    text: str


class Packets(Frame, frozen=True):
    """Some Opus packets, in order."""

    packets: list[bytes]


class Failed(Frame, frozen=True):
    """It could not be done: an `EngineError`'s class by name, and its arguments. id 0: the engine cannot start."""

    error: str
    arguments: tuple[str, ...]


Asked = Begin | Open | Push | Peek | Finish | Abort | Translate | Warm | Speak | More | Forget | Cancel | Ping
Answered = Ready | Done | Heard | Translated | Packets | Failed
