"""Who hears what of whom in one room, and into which languages each speaker is to be translated."""

from collections.abc import Mapping
from typing import Protocol

from media_server.participant import Participant
from media_server.paths import Paths, PathState
from media_server.speaker import Speaker
from media_server.targets import languages_listened_to
from pipeline.messages.language import AUTO


class Punctuality(Protocol):
    """Who knows whether voices come in time: the room's Voices."""

    def late(self, speaker_id: str, language: str) -> bool:
        """Whether a speaker's voice in a language has not come in time for several utterances now."""
        ...


class Routes:
    """Brings what the members want together with what the workers can; the listeners apply it."""

    def __init__(
        self, *, members: Mapping[str, Participant], paths: Paths, punctuality: Punctuality, captions: bool
    ) -> None:
        """`members` is the room's own mapping: who is in it is in the room. `captions`: see MediaSettings."""
        self._members = members
        self._paths = paths
        self._punctuality = punctuality
        self._captions = captions
        # Speaker -> the languages others listen to; computed when asked for.
        self._languages: dict[str, tuple[str, ...]] = {}

    def refresh(self) -> None:
        """Decide everything anew: who came or went, a language, a choice, or what can be translated has changed."""
        self._languages.clear()
        for member in self._members.values():
            member.speaker.set_language(self.spoken(member))
        # Whoever was in the middle of an utterance ended it just now, and asked by the language they no longer speak.
        self._languages.clear()
        for member in self._members.values():
            member.speaker.set_wanted(self._wanted(member.speaker))
            self.reconsider(member)

    def reconsider(self, speaker: Participant) -> None:
        """Decide anew who hears what of one speaker."""
        speaking = speaker.speaker.language
        if speaking == AUTO:
            speaking = speaker.heard_language or AUTO
        utterance = speaker.speaker.utterance
        for member in self._members.values():
            if member is not speaker and member.welcomed:
                member.listener.consider(
                    speaker.participant_id,
                    speaking=speaking,
                    path=self._path(speaker, speaking, member.listener.language),
                    utterance_id=utterance.utterance_id if utterance else None,
                )

    def languages(self, speaker: Speaker) -> tuple[str, ...]:
        """Give the languages others listen to, the speaker's own left out."""
        languages = self._languages.get(speaker.speaker_id)
        if languages is None:
            others = (member for member_id, member in self._members.items() if member_id != speaker.speaker_id)
            languages = languages_listened_to((other.listener.language for other in others), speaker.language)
            self._languages[speaker.speaker_id] = languages
        return languages

    def translatable(self, speaker: Speaker) -> list[str]:
        """Give those of `languages` in which a voice is to be expected."""
        return [language for language in self.languages(speaker) if self._paths.can(speaker.language, language)]

    def spoken(self, member: Participant) -> str:
        """Give the language a member speaks: what `auto` stands for stays, even if that cannot be recognised now."""
        speaking = member.info.speaking_language
        if speaking != AUTO:
            return speaking
        if self._paths.recognisable:
            resolved = self._paths.resolve_spoken(AUTO)
            member.auto_language = None if resolved == AUTO else resolved
        return member.auto_language or AUTO

    def _wanted(self, speaker: Speaker) -> bool:
        """Whether anybody needs this speaker's words, and anybody ever could recognise them."""
        needed = self._captions or bool(self.languages(speaker))
        return needed and self._paths.knows(speaker.language)

    def _path(self, speaker: Participant, speaking: str, listening: str) -> PathState:
        path = self._paths.state(speaking, listening)
        late = self._punctuality.late(speaker.participant_id, listening)
        if path is PathState.HEALTHY and (late or not speaker.speaker.analysis_works):
            return PathState.PAUSED
        if path is PathState.HEALTHY and speaker.speaker.retired:
            return PathState.ENDING
        return path
