"""The page: plain ES modules, served by the door from this package. The design is in README.md."""
