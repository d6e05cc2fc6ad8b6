"""The door: the page, the sockets, tokens, captions fan-out and health, on aiohttp.

Knows rooms only by what `signaling.rooms` asks of them. The design is in this package's README.md.
"""
