"""What can be set about Piper."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PiperOptions:
    """Settings `engines.piper.*`."""

    # The folder with the voices, or with a folder for each: NAME.onnx and NAME.onnx.json. Empty: `models_dir`, where
    # `parley models pull` puts them.
    folder: str = ""
    # Where all models lie; `engines.models_dir` is put here.
    models_dir: str = ""
    # Those of the voices that may be used, by their names; none named: all. Each is loaded at the start, some 60 MB.
    voices: tuple[str, ...] = ()
    # How Piper's web server is started, as in a shell. It needs `piper-tts[http]` in an environment of its own, for
    # example /opt/piper/bin/python -m piper.http_server. It is GPL, and so is never loaded into a process of ours.
    command: str = "python3 -m piper.http_server"
    # Use the GPU; the program's environment needs onnxruntime-gpu for it.
    cuda: bool = False
    # Seconds until the program must listen, and until a sentence must be spoken.
    start_limit_s: float = 30.0
    sentence_limit_s: float = 10.0

    def __post_init__(self) -> None:
        if self.start_limit_s <= 0 or self.sentence_limit_s <= 0:
            raise ValueError("start_limit_s and sentence_limit_s must be above 0")
