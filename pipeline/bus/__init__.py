"""Where messages travel: one interface, one implementation a file."""
