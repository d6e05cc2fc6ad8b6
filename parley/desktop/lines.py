"""Which captions are shown at a moment. Pure: times are given."""

from dataclasses import dataclass, replace

from parley.client.events import Caption

KEPT = 64
"""Captions that are remembered; the oldest goes first. More than any window shows."""

_Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """A caption as it is shown."""

    text: str
    # What was said, where `text` is a translation of it; else empty.
    original: str
    # Whose it is, where that has to be told; else empty.
    name: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    caption: Caption
    # Where it belongs: when its words ended (epoch milliseconds) as first told, so that no line jumps while it grows.
    place_ms: int
    # Monotonic seconds.
    changed_at: float


class Lines:
    """The last captions, each for a while after its last change."""

    def __init__(self, most: int = 2, linger_s: float = 10.0) -> None:
        # Captions shown at a time.
        self.most = most
        self._linger_s = linger_s
        # In the order in which they are shown.
        self._entries: dict[_Key, _Entry] = {}

    def put(self, caption: Caption, now: float) -> None:
        """Take a caption; it replaces an earlier one of the same clause. One without text takes that away."""
        key = (caption.utterance_id, caption.clause)
        if not caption.text.strip():
            self._entries.pop(key, None)
            return
        before = self._entries.get(key)
        if before is not None:
            # What comes again after a broken connection is no news.
            if before.caption != caption:
                self._entries[key] = replace(before, caption=caption, changed_at=now)
            return
        self._entries[key] = _Entry(caption, caption.timestamp_ms, now)
        self._entries = dict(sorted(self._entries.items(), key=lambda each: each[1].place_ms))
        while len(self._entries) > KEPT:
            del self._entries[next(iter(self._entries))]

    def clear(self) -> None:
        """Show nothing of what was said until now."""
        self._entries.clear()

    def shown(self, now: float) -> list[Line]:
        """Give the lines, oldest first."""
        entries = self._visible(now)
        several = len({each.caption.speaker_id for each in self._entries.values()}) > 1
        lines, last = [], ""
        for entry in entries:
            caption = entry.caption
            name = (caption.speaker_name or "") if several and caption.speaker_id != last else ""
            last = caption.speaker_id
            original = caption.source_text if caption.source_text != caption.text else ""
            lines.append(Line(caption.text.strip(), original.strip(), name, caption.is_final))
        return lines

    def changes_in(self, now: float) -> float | None:
        """Give the seconds until a line leaves by itself; None: nothing is shown."""
        return min((each.changed_at + self._linger_s - now for each in self._visible(now)), default=None)

    def _visible(self, now: float) -> list[_Entry]:
        return [each for each in self._entries.values() if now - each.changed_at < self._linger_s][-self.most :]
