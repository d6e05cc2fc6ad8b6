"""Where DeepL can be formal or not."""

FORMAL = frozenset({"DE", "ES", "ES-419", "FR", "IT", "JA", "NL", "PL", "PT-BR", "PT-PT", "RU"})
"""Target languages with a choice: developers.deepl.com/api-reference/translate, `formality`."""
_WISHES = {"more": "prefer_more", "less": "prefer_less"}


def formality_of(wish: str, target: str) -> str | None:
    """Give what DeepL is told, for a room's wish (`default`, `more`, `less`) and DeepL's target; None: nothing.

    `prefer_`, so that a language which loses its choice one day is still translated.
    """
    return _WISHES.get(wish) if target.upper() in FORMAL else None
