"""Parts of the engine `translators/deepl.py`."""
