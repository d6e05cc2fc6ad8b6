"""Whether a browser is followed to an address that it did not nominate."""

from media_server.rtc.whereabouts import SILENT_S, Whereabouts

OLD, NEW = ("192.0.2.1", 5000), ("192.0.2.1", 6000)


def test_who_asks_from_another_place_only_is_followed() -> None:
    """A NAT forgot it."""
    where = Whereabouts()
    assert not where.moved(OLD, OLD, 10)
    assert where.moved(NEW, OLD, 10 + SILENT_S + 0.1)


def test_who_asks_from_both_is_not() -> None:
    """Browsers keep other pairs alive as well."""
    where = Whereabouts()
    where.moved(OLD, OLD, 10)
    assert not where.moved(NEW, OLD, 10 + SILENT_S - 0.1)
    where.moved(OLD, OLD, 13)
    assert not where.moved(NEW, OLD, 15)


def test_before_anything_is_nominated_nobody_has_moved() -> None:
    """Checks come from wherever the browser may be."""
    where = Whereabouts()
    assert not where.moved(OLD, None, 0)
    assert not where.moved(NEW, None, 10)
    assert not where.moved(NEW, OLD, 2)
