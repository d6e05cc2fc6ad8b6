"""Hypotheses as Whisper gives them, with their signs: good ones, and the inventions it is known for."""

from typing import NamedTuple

from pipeline.engines.whisper.guards import Signs


class Recorded(NamedTuple):
    """One decoding, and why it is not to be believed; empty if it is."""

    text: str
    signs: Signs
    why: str = ""
    prompt: str = ""


RECORDED = (
    # What tiny.en made of the LibriVox recordings.
    Recorded("and Mr. John Dashwood had then leisure to consider how much there might be", Signs(-0.21, 0.01)),
    Recorded("He was not an old-sposed young man.", Signs(-0.49, 0.02)),
    Recorded("He might even have been made amiable himself.", Signs(-0.22, 0.01)),
    # Short, quiet, or unsure, and still said.
    Recorded("Yes.", Signs(-0.62, 0.11)),
    Recorded("Thank you.", Signs(-0.35, 0.04)),
    Recorded("No, no, no.", Signs(-0.55, 0.08)),
    Recorded("I, uh, I went to, uh, Llanfairpwll yesterday", Signs(-1.12, 0.07)),
    Recorded("她说她明天会来。", Signs(-0.41, 0.02)),
    # Somebody who speaks softly: unlikely to be speech by the one sign, sure of its words by the other.
    Recorded("We can take the train at nine.", Signs(-0.38, 0.71)),
    # Silence and breathing.
    Recorded("Thank you for watching!", Signs(-1.08, 0.84), "no speech"),
    Recorded("you", Signs(-1.31, 0.77), "no speech"),
    Recorded("Untertitel der Amara.org-Community", Signs(-1.02, 0.69), "no speech"),
    # Music and noise.
    Recorded("Bye. I'm gonna go ahead and the and I the", Signs(-1.74, 0.31), "unlikely"),
    # A decoder that got stuck.
    Recorded("I'm going to be a little bit of a " * 12, Signs(-0.28, 0.05), "repetition"),
    Recorded("ha" * 60, Signs(-0.11, 0.12), "repetition"),
    # Its own prompt, read out.
    Recorded("Parley, Kafka, Opus, WebRTC", Signs(-0.44, 0.33), "echo", "Parley, Kafka, Opus, WebRTC, Coturn"),
    Recorded("We use Kafka.", Signs(-0.44, 0.03), "", "Parley, Kafka, Opus, WebRTC, Coturn"),
)
