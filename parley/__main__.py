"""`python -m parley`, and the console script `parley`."""

from parley.cli import app


def main() -> None:
    """Run the command line."""
    app(prog_name="parley")


if __name__ == "__main__":
    main()
