"""From Opus packets to utterances of 16 kHz sound: runs only for a speaker whom somebody needs understood."""


class AnalysisError(Exception):
    """This speaker's sound cannot be analysed any longer; forwarding is not concerned."""
