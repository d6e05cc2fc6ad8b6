"""What one may speak and listen to in this moment, for the page's menus; asked for at `/api/v1/languages`."""

import msgspec

from signaling.rooms import Paths


class Spoken(msgspec.Struct, frozen=True):
    """A language to speak."""

    language: str
    # Whether it is recognised here: if not, others hear it as it is, without captions.
    recognised: bool


class Heard(msgspec.Struct, frozen=True):
    """A language to listen to."""

    language: str
    # Spoken languages from which it can be had now.
    sources: tuple[str, ...]


class Languages(msgspec.Struct, frozen=True):
    """Both menus, without `auto`, which is always there to be spoken."""

    speak: tuple[Spoken, ...]
    listen: tuple[Heard, ...]
    # Whether somebody who consents can be translated in their own voice here, now.
    own_voice: bool = False


def offered(paths: Paths) -> Languages:
    """Give what the paths allow. What can be heard can be spoken too: its speakers understand each other."""
    recognisable = paths.recognisable
    everything = sorted(recognisable | set(paths.targets()))
    imitates = any(status.imitates and status.healthy for status in paths.statuses())
    return Languages(
        own_voice=imitates,
        speak=tuple(Spoken(tag, tag in recognisable) for tag in everything),
        listen=tuple(
            Heard(tag, tuple(source for source in sorted(recognisable) if paths.can(source, tag))) for tag in everything
        ),
    )
