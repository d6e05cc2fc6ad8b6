"""Asking providers over the network: what every engine that does so shares."""
