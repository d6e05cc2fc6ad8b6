"""What travels between the parts: frozen structs, one a file, and the languages they speak of."""

from pipeline.messages.audio_chunk import AudioChunk, Target
from pipeline.messages.base import Message, Purpose, Said, Times
from pipeline.messages.dead_letter import DeadLetter
from pipeline.messages.room_settings import RoomSettings
from pipeline.messages.speech import Speech
from pipeline.messages.transcript import Transcript
from pipeline.messages.translation import Translation
from pipeline.messages.voice_reference import VoiceReference
from pipeline.messages.worker_status import Stage, WorkerStatus

__all__ = [
    "AudioChunk",
    "DeadLetter",
    "Message",
    "Purpose",
    "RoomSettings",
    "Said",
    "Speech",
    "Stage",
    "Target",
    "Times",
    "Transcript",
    "Translation",
    "VoiceReference",
    "WorkerStatus",
]
