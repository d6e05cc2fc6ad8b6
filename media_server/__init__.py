"""Real-time sound: rooms, participants, slots, forwarding, segmenting, playout.

Knows aiortc and av. No HTTP, no Kafka, no model. The design is in this package's README.md.
"""
