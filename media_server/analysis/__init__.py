"""From Opus packets to utterances of 16 kHz sound: runs only for a speaker whom somebody needs understood."""
