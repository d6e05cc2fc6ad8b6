"""How long to wait before something that ended is started again."""


class Backoff:
    """The first time at once, then after `first_s`, twice that, and so on up to `most_s`.

    Whatever lived for `settled_s` is taken for healthy: it begins anew.
    """

    def __init__(self, *, first_s: float, most_s: float, settled_s: float) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._settled_s = settled_s
        self._next_s = 0.0

    def after(self, lived_s: float) -> float:
        """Give the seconds to wait after a life of `lived_s` seconds; 0 for one that could not even begin."""
        if lived_s >= self._settled_s:
            self._next_s = 0.0
        wait_s = self._next_s
        self._next_s = min(max(self._first_s, 2 * wait_s), self._most_s)
        return wait_s
