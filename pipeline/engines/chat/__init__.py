"""Parts of the engine `translators/openai.py`: what a language model is asked, and what is taken from its answer."""
