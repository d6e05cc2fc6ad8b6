"""Tables as text."""

from parley.table import table


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    """Cells stand under their heads, with nothing behind the last."""
    assert table(("A", "B"), [("long", "x"), ("y", "")]) == "A     B\nlong  x\ny"


def test_a_table_without_rows_is_its_head() -> None:
    """Nothing found is still a table."""
    assert table(("A", "B"), []) == "A  B"
