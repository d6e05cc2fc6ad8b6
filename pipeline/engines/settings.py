"""What can be set about the engines, with units and defaults."""

from dataclasses import dataclass

AUTO = "auto"
"""Instead of an engine's name: the best one that works here, for each language or pair."""


@dataclass(frozen=True)
class EngineSettings:
    """Which engines serve, and in how many processes."""

    # Which engine hears, translates and speaks: `auto`, or the names of some, separated by commas, the preferred first.
    stt: str = AUTO
    translation: str = AUTO
    tts: str = AUTO
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

    def __post_init__(self) -> None:
        for name in ("stt_processes", "translation_processes", "tts_processes"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, but it must be at least 1")
