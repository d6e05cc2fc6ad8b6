"""Text and meaning: messages, the bus, the three kinds of worker and the engines they ask.

Nothing here knows WebRTC or HTTP. The design is in this package's README.md.
"""
