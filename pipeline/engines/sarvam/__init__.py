"""The parts of the engine `sarvam`."""
