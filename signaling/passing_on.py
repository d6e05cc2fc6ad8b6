"""Messages of a page that go to its participant as they are."""

from pipeline.messages.language import normalise
from signaling.protocol import FromClient, Heard, SetOriginal, SetOwnVoice, WatchFigures
from signaling.rooms import Participant


def pass_on(participant: Participant, message: FromClient) -> None:
    """Do what a message asks for, if it is one of these.

    Raises:
        UnknownLanguageError: what it names is no language.
    """
    match message:
        case SetOriginal():
            participant.set_original(message.original)
        case SetOwnVoice():
            participant.set_own_voice(message.consented)
        case Heard():
            language = normalise(message.language)
            participant.heard(message.utterance_id, message.clause, language, message.ago_ms)
        case WatchFigures():
            participant.watch_figures(message.watched)
