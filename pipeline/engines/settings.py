"""What can be set about the engines, with units and defaults."""

from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from pipeline.engines.chain_settings import ChainSettings
from pipeline.engines.codes import check_codes
from pipeline.engines.options.coqui import CoquiOptions
from pipeline.engines.options.ctranslate2 import CTranslate2Options
from pipeline.engines.options.deepgram import DeepgramOptions
from pipeline.engines.options.deepl import DeepLOptions
from pipeline.engines.options.faster_whisper import FasterWhisperOptions
from pipeline.engines.options.openai_speech import OpenAISpeechOptions
from pipeline.engines.options.openai_transcription import OpenAITranscriptionOptions
from pipeline.engines.options.openai_translation import OpenAITranslationOptions
from pipeline.engines.options.piper import PiperOptions
from pipeline.engines.options.sarvam import SarvamOptions
from pipeline.engines.options.voiceai import VoiceAIOptions

Options = TypeVar("Options")

AUTO = "auto"
"""Instead of an engine's name: the best one that works here, for each language or pair."""


@dataclass(frozen=True)
class EngineSettings:
    """Which engines serve, and in how many processes."""

    # Which engine hears, translates and speaks: `auto`, or the names of some, separated by commas, the preferred first.
    # Each stands behind the one before it, for the languages that it knows, and takes over when that fails.
    stt: str = AUTO
    translation: str = AUTO
    tts: str = AUTO
    # A second engine that hears beside the first, as pocketsphinx beside faster-whisper: its words are shown while
    # somebody speaks, those of `stt` are what stays. Empty: none.
    stt_fast: str = ""
    # How engines stand behind each other.
    chain: ChainSettings = field(default_factory=ChainSettings)
    # Processes for each chosen engine of a stage. Each loads its own model: pocketsphinx takes 200 MB a process.
    stt_processes: int = 1
    translation_processes: int = 1
    tts_processes: int = 1
    # Bits per second of the synthesized voices' Opus.
    bit_rate: int = 32_000
    # How far below the media process the engines' processes run (nice, 0 to 19).
    niceness: int = 10
    # Seconds until an engine must be ready; models are loaded in this time.
    start_limit_s: float = 60.0
    # Seconds for one answer, or for the next piece of a streamed one.
    answer_limit_s: float = 10.0
    # Seconds that a request waits for a process that is being started again.
    restart_wait_s: float = 3.0
    # A process that sent nothing for so many seconds, although asked, is taken for hung and started again.
    hung_after_s: float = 20.0
    # Seconds before a crashed process is started again: none the first time, then first, 2 * first ... up to most. One
    # that has lived for `settled_s` counts as healthy.
    backoff_first_s: float = 0.5
    backoff_most_s: float = 10.0
    settled_s: float = 30.0
    # Opus packets that a process may have on the way to whoever asked; then it waits.
    packet_window: int = 250
    # The folder with the models that engines load; empty: HF_HOME/parley where HF_HOME is set, else parley/models in
    # the user's data (XDG_DATA_HOME). Models get there by `parley models pull` only: nothing is fetched while it runs.
    models_dir: str = ""
    # Where `parley models pull` fetches from: a mirror of Hugging Face; empty: the hub itself.
    models_url: str = ""
    # Whether `parley models pull` may not go to the network.
    models_offline: bool = False
    # What engines call languages, where it is to differ from the table `pipeline/engines/codes.toml`, or is not in it:
    # engine:tag=code, as "deepl:pt=PT-PT".
    codes: tuple[str, ...] = ()
    # Of each engine of which something can be set.
    coqui: CoquiOptions = field(default_factory=CoquiOptions)
    ctranslate2: CTranslate2Options = field(default_factory=CTranslate2Options)
    deepgram: DeepgramOptions = field(default_factory=DeepgramOptions)
    deepl: DeepLOptions = field(default_factory=DeepLOptions)
    faster_whisper: FasterWhisperOptions = field(default_factory=FasterWhisperOptions)
    openai_speech: OpenAISpeechOptions = field(default_factory=OpenAISpeechOptions)
    openai_transcription: OpenAITranscriptionOptions = field(default_factory=OpenAITranscriptionOptions)
    openai_translation: OpenAITranslationOptions = field(default_factory=OpenAITranslationOptions)
    piper: PiperOptions = field(default_factory=PiperOptions)
    sarvam: SarvamOptions = field(default_factory=SarvamOptions)
    voiceai: VoiceAIOptions = field(default_factory=VoiceAIOptions)

    def __post_init__(self) -> None:
        for name in ("stt_processes", "translation_processes", "tts_processes"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, but it must be at least 1")
        check_codes(self.codes)

    def options(self, kind: type[Options]) -> Options:
        """Give the options of one engine, by their class; its defaults if no setting has them.

        Those of an engine that loads models have a field `models_dir`: where it is empty, it is the one of all engines.
        Those of an engine whose languages are in the table of codes have a field `codes`, which is put behind ours.
        """
        held = (getattr(self, field.name) for field in fields(self))
        own: Any = next((value for value in held if isinstance(value, kind)), None) or kind()
        if getattr(own, "models_dir", None) == "":
            own = replace(own, models_dir=self.models_dir)
        if self.codes and hasattr(own, "codes"):
            own = replace(own, codes=(*self.codes, *own.codes))
        found: Options = own
        return found
