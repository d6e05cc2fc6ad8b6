"""Rooms as places that somebody rules: their state, their lobby, their hosts, and what happens in them."""
