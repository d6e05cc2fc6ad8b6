"""Engines that hear: one a file; the file's name is the engine's, its class is named `Engine`."""
