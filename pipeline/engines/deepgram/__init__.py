"""The parts of the engine `deepgram`."""
