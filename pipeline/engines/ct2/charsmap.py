"""SentencePiece's table of characters that are replaced before a text is cut: mostly Unicode's NFKC.

The table is a trie over UTF-8 (a double array as of github.com/s-yata/darts-clone), and the replacements behind it:
github.com/google/sentencepiece, src/normalizer.cc. The longest match at each place counts.
"""

import struct

_LABEL = (1 << 31) | 0xFF


class CharsMap:
    """One model's table."""

    def __init__(self, table: bytes) -> None:
        """Read the table.

        Raises:
            ValueError: it is none.
        """
        try:
            (size,) = struct.unpack_from("<I", table)
            self._units = struct.unpack_from(f"<{size // 4}I", table, 4)
        except struct.error:
            raise ValueError("no table of characters") from None
        self._replacements = table[4 + size :]

    def replace(self, text: str) -> str:
        """Replace every character, or several together, that the table has."""
        data = text.encode()
        replaced = bytearray()
        at = 0
        while at < len(data):
            found, length = self._longest(data, at)
            if length:
                replaced += self._replacements[found : self._replacements.index(0, found)]
            else:
                length = _length(data[at])
                replaced += data[at : at + length]
            at += length
        return replaced.decode()

    def _longest(self, data: bytes, at: int) -> tuple[int, int]:
        """Find the longest beginning that the trie has: where its replacement is, and its length; 0: none."""
        units = self._units
        found = length = 0
        place = _offset(units[0])
        for end in range(at, len(data)):
            place ^= data[end]
            if place >= len(units) or units[place] & _LABEL != data[end]:
                break
            unit = units[place]
            place ^= _offset(unit)
            if unit >> 8 & 1:
                found, length = units[place] & 0x7FFFFFFF, end + 1 - at
        return found, length


def _offset(unit: int) -> int:
    return (unit >> 10) << ((unit & (1 << 9)) >> 6)


def _length(first: int) -> int:
    """Say how many bytes a character has, by its first."""
    return 1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4
