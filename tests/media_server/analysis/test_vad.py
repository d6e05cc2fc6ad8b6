"""Voice detection on real speech, noise and silence."""

import numpy as np
import pytest

from media_server.analysis import silero
from media_server.analysis.settings import AnalysisSettings
from media_server.analysis.silero import Samples as Windows
from media_server.analysis.silero import Silero, State
from media_server.analysis.vad import FRAME, VoiceDetector
from tests.media_server.analysis.streams import between_silence, with_noise
from tests.support.recordings import Recording, Samples, silence


class CountingSilero(Silero):
    """The model, counting the windows it hears of speakers."""

    def __init__(self) -> None:
        super().__init__(silero.model_files()[0])
        self.windows = 0

    def judge(self, windows: Windows, state: State) -> tuple[list[float], State]:
        self.windows = getattr(self, "windows", 0) + len(windows)
        return super().judge(windows, state)


@pytest.fixture(scope="module")
def model() -> Silero:
    loaded = silero.load()
    assert loaded is not None
    return loaded


def judge(detector: VoiceDetector, samples: Samples) -> list[bool]:
    return [
        detector.hear(samples[start : start + FRAME].tobytes()).speech
        for start in range(0, len(samples) - FRAME + 1, FRAME)
    ]


def share(decisions: list[bool]) -> float:
    return sum(decisions) / len(decisions)


def longest_pause(decisions: list[bool]) -> int:
    return max(len(run) for run in "".join("#" if speech else "." for speech in decisions).split("#")) * 20


@pytest.mark.parametrize("noise", [None, 20, 15], ids=["clean", "20 dB", "15 dB"])
def test_hears_speech_and_only_speech(recordings: tuple[Recording, ...], model: Silero, noise: int | None) -> None:
    """Reading is speech without a pause that would be an end, and the silence around it is none, noise or not."""
    for recording in recordings:
        sound = between_silence(recording.samples)
        decisions = judge(VoiceDetector(AnalysisSettings(), model), with_noise(sound, noise) if noise else sound)
        end = 50 + int(recording.speech_end_s * 50)
        assert share(decisions[65 : end - 15]) > (0.75 if noise else 0.85)
        assert longest_pause(decisions[65 : end - 15]) < 240
        assert share(decisions[:45] + decisions[end + 15 :]) < 0.02


def test_noise_is_not_speech(model: Silero) -> None:
    """Steady noise, however loud, and the start of it."""
    rng = np.random.default_rng(2)
    noise = np.concatenate([silence(0.5), rng.normal(0, 3000, 80_000).astype(np.int16)])
    assert share(judge(VoiceDetector(AnalysisSettings(), model), noise)) < 0.02


def test_silence_does_not_wake_silero() -> None:
    """Digital silence costs WebRTC VAD only."""
    model = CountingSilero()
    judge(VoiceDetector(AnalysisSettings(), model), silence(20))
    assert model.windows == 0


def test_silero_knows_what_came_before_it_woke(recording: Recording) -> None:
    """The sound in front of the first sign of a voice is heard too, so that the onset is not late."""
    model = CountingSilero()
    decisions = judge(VoiceDetector(AnalysisSettings(), model), between_silence(recording.samples))
    always = judge(AlwaysAwake(AnalysisSettings(), model), between_silence(recording.samples))
    assert abs(decisions.index(True) - always.index(True)) <= 2
    assert share([a == b for a, b in zip(decisions, always, strict=True)]) > 0.97


class AlwaysAwake(VoiceDetector):
    """Lets Silero hear everything."""

    def hear(self, pcm: bytes):  # type: ignore[no-untyped-def]
        self._awake = 2
        return super().hear(pcm)


def test_a_pause_is_noticed_within_two_frames(recording: Recording, model: Silero) -> None:
    """Speech that breaks off is a pause at once, although Silero needs longer to notice."""
    cut = 3 * 16_000
    decisions = judge(VoiceDetector(AnalysisSettings(), model), np.concatenate([recording.samples[:cut], silence(1.0)]))
    last_speech = max(index for index, speech in enumerate(decisions) if speech)
    assert last_speech * FRAME - cut <= 2 * FRAME


def test_a_soft_voice_is_heard_after_a_loud_one(recordings: tuple[Recording, ...], model: Silero) -> None:
    """Somebody who goes on 25 dB lower is not taken for silent."""
    soft = (recordings[2].samples * 0.06).astype(np.int16)
    decisions = judge(VoiceDetector(AnalysisSettings(), model), np.concatenate([recordings[0].samples[:80_000], soft]))
    afterwards = decisions[80_000 // FRAME + 30 : -25]
    assert share(afterwards) > 0.6
    assert longest_pause(afterwards) < 400


def test_without_a_model_webrtc_decides(recording: Recording) -> None:
    """Rougher, but speech is found, and digital silence is not speech."""
    decisions = judge(VoiceDetector(AnalysisSettings(), None), between_silence(recording.samples))
    end = 50 + int(recording.speech_end_s * 50)
    assert share(decisions[65 : end - 15]) > 0.8
    assert not any(decisions[:45])


def test_sensitivity_is_a_setting(recording: Recording, model: Silero) -> None:
    """A higher threshold hears less."""
    sound = with_noise(between_silence(recording.samples), 3)
    eager = AnalysisSettings(speech_start=0.2, speech_stop=0.1)
    strict = AnalysisSettings(speech_start=0.95, speech_stop=0.9)
    assert share(judge(VoiceDetector(strict, model), sound)) < share(judge(VoiceDetector(eager, model), sound))


def test_a_reset_makes_it_new(recording: Recording, model: Silero) -> None:
    """After a reset nothing of the last stream is left."""
    used = VoiceDetector(AnalysisSettings(), model)
    judge(used, recording.samples[:50_000])
    used.reset()
    fresh = VoiceDetector(AnalysisSettings(), model)
    assert judge(used, recording.samples[:40_000]) == judge(fresh, recording.samples[:40_000])
