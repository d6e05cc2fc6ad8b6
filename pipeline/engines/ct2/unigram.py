"""The most probable way to cut a text into pieces (Kudo 2018, arxiv.org/abs/1804.10959), by Viterbi's algorithm."""

from collections.abc import Mapping

UNKNOWN_PENALTY = 10.0
"""How much less an unknown character scores than the worst piece, as in SentencePiece."""


def cut_unigram(text: str, scores: Mapping[str, float], longest: int, unknown: float) -> list[tuple[str, bool]]:
    """Cut a text into the pieces of the highest sum of scores.

    Args:
        text: normalised, blanks as U+2581.
        scores: every piece's.
        longest: characters of the longest piece.
        unknown: the score of a character that is no piece.

    Returns:
        The pieces in order, and whether each is one.
    """
    best = [0.0] + [float("-inf")] * len(text)
    came_from = [0] * (len(text) + 1)
    for start in range(len(text)):
        so_far = best[start]
        if start + 1 <= len(text) and text[start] not in scores and so_far + unknown > best[start + 1]:
            best[start + 1], came_from[start + 1] = so_far + unknown, start
        for end in range(start + 1, min(start + longest, len(text)) + 1):
            score = scores.get(text[start:end])
            if score is not None and so_far + score > best[end]:
                best[end], came_from[end] = so_far + score, start
    pieces: list[tuple[str, bool]] = []
    end = len(text)
    while end > 0:
        piece = text[came_from[end] : end]
        pieces.append((piece, piece in scores))
        end = came_from[end]
    pieces.reverse()
    return pieces
