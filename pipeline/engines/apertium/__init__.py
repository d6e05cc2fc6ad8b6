"""Apertium, a rule-based translator, run as system programs: reading its modes, and keeping its pipelines running."""
