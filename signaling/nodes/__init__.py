"""Several nodes: which one a room is on, how the others pass people on to it, and what outlives a node. Needs Redis."""
