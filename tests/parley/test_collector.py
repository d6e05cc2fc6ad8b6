"""The garbage collector, kept away from what stays."""

import gc

from parley import collector


def test_what_is_there_is_not_looked_at_again() -> None:
    """What comes later is; so its rings are collected still."""
    stays: list[object] = [{}]
    try:
        collector.settle()
        looked_at = {id(each) for each in gc.get_objects()}
        assert id(stays) not in looked_at
        comes: list[object] = []
        comes.append(comes)
        assert gc.is_tracked(comes)
        del comes
        assert gc.collect() >= 1
    finally:
        gc.unfreeze()
        collector.settle()
