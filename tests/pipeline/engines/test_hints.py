from pipeline.engines.hints import LONGEST, fitting


def test_the_first_ones_are_taken() -> None:
    """The most important come first."""
    assert fitting(["Parley", "Opus", "Kafka"], 12) == ("Parley", "Opus")
    assert fitting(["Parley"], 3) == ()


def test_each_is_a_term_of_its_own() -> None:
    """Not empty, on one line, not twice, and no sentence."""
    hints = ["", "a\nb", "a b", "\ud800", "x" * (LONGEST + 1), "c"]
    assert fitting(hints, 100) == ("a b", "c")
