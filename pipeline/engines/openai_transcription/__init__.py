"""The parts of the engine `openai` that hears."""
