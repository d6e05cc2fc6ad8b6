"""Parts of the engine `translators/ctranslate2.py`: models of several families, read, loaded and batched."""
