"""Who hears what of whom in one room, and into which languages each speaker is to be translated."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from media_server.participant import Participant
from media_server.paths import Paths, PathState
from media_server.speaker import Speaker
from media_server.targets import languages_listened_to, tongue
from pipeline.messages import Target
from pipeline.messages.language import AUTO


class Punctuality(Protocol):
    """Who knows whether voices come in time: the room's Voices."""

    def late(self, speaker_id: str, language: str) -> bool:
        """Whether a speaker's voice in a language has not come in time for several utterances now."""
        ...

    def backlog_ms(self, speaker_id: str, language: str) -> int:
        """Say how much sound waits before a new clause of this speaker could be heard in a language."""
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
        # Languages that are read here without being listened to, if anybody reads at all.
        self._read: frozenset[str] | None = None
        # Speaker -> the languages others listen to, and those that are only read; computed when asked for.
        self._languages: dict[str, tuple[str, ...]] = {}
        self._only_read: dict[str, tuple[str, ...]] = {}

    def set_readers(self, languages: frozenset[str] | None) -> None:
        """Take what is read from the next `refresh` on; see `Room.set_readers`."""
        self._read = languages if self._captions else None

    def refresh(self) -> None:
        """Decide everything anew: who came or went, a language, a choice, or what can be translated has changed."""
        publishing = self._publishing  # an audience costs nothing more than what it hears
        self._speak(publishing)
        for member in publishing:
            member.speaker.set_wanted(self._wanted(member.speaker))
            self.reconsider(member)

    def refresh_about(self, member: Participant) -> None:
        """Decide anew what one member changes: they came, are welcomed, speak, hear or choose otherwise, or have left.

        What others hear of each other stays as it is, so that a large room does not stand still for each who comes.
        """
        is_here = self._members.get(member.participant_id) is member
        publishing = self._publishing
        self._speak([member] if is_here and member.rights.publishes else [])
        for speaker in publishing:
            speaker.speaker.set_wanted(self._wanted(speaker.speaker))
        if not is_here:
            return
        if member.rights.publishes:
            self.reconsider(member)
        else:
            member.speaker.set_wanted(False)
        for speaker in publishing:
            self._consider(member, speaker)

    def reconsider(self, speaker: Participant) -> None:
        """Decide anew who hears what of one speaker."""
        for member in self._members.values():
            self._consider(member, speaker)

    def _consider(self, member: Participant, speaker: Participant) -> None:
        if member is speaker or not member.welcomed or not member.listens:
            return
        speaking = speaker.speaker.language
        if speaking == AUTO:
            speaking = speaker.heard_language or AUTO
        utterance = speaker.speaker.utterance
        member.listener.consider(
            speaker.participant_id,
            speaking=speaking,
            path=self._path(speaker, speaking, member.listener.language),
            utterance_id=utterance.utterance_id if utterance else None,
        )

    @property
    def _publishing(self) -> list[Participant]:
        return [member for member in self._members.values() if member.rights.publishes]

    def _speak(self, members: Iterable[Participant]) -> None:
        """Take over what members speak."""
        self._forget_languages()
        for member in members:
            member.speaker.set_language(self.spoken(member))
        # Whoever was in the middle of an utterance ended it just now, and asked by the language they no longer speak.
        self._forget_languages()

    def languages(self, speaker: Speaker) -> tuple[str, ...]:
        """Give the languages others listen to, the speaker's own left out."""
        languages = self._languages.get(speaker.speaker_id)
        if languages is None:
            listening = (
                member.listener.language
                for member_id, member in self._members.items()
                if member_id != speaker.speaker_id and member.listens
            )
            languages = languages_listened_to(listening, speaker.language)
            self._languages[speaker.speaker_id] = languages
        return languages

    def only_read(self, speaker: Speaker) -> tuple[str, ...]:
        """Give the languages in which a speaker can be read, and is, and that nobody listens to: they need no voice."""
        languages = self._only_read.get(speaker.speaker_id)
        if languages is None:
            heard = {tongue(language) for language in self.languages(speaker)}
            read = languages_listened_to(self._read or (), speaker.language)
            languages = tuple(
                language
                for language in read
                if tongue(language) not in heard and self._paths.can_read(speaker.language, language)
            )
            self._only_read[speaker.speaker_id] = languages
        return languages

    def targets(self, speaker: Speaker) -> tuple[Target, ...]:
        """Give what a speaker is to be translated into now."""
        backlog = self._punctuality.backlog_ms
        heard = (Target(language, backlog(speaker.speaker_id, language)) for language in self.languages(speaker))
        return (*heard, *(Target(language, voice=False) for language in self.only_read(speaker)))

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
        needed = self._read is not None or bool(self.languages(speaker))
        return needed and self._paths.knows(speaker.language)

    def _forget_languages(self) -> None:
        self._languages.clear()
        self._only_read.clear()

    def _path(self, speaker: Participant, speaking: str, listening: str) -> PathState:
        path = self._paths.state(speaking, listening)
        late = self._punctuality.late(speaker.participant_id, listening)
        if path is PathState.HEALTHY and (late or not speaker.speaker.analysis_works):
            return PathState.PAUSED
        if path is PathState.HEALTHY and speaker.speaker.retired:
            return PathState.ENDING
        return path
