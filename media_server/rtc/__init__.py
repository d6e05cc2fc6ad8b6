"""Everything that touches aiortc and aioice, their private names included; nothing else in the project imports them."""
