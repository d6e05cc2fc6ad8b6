"""`parley load`: real clients with real speech against a running server, and what became of it."""
