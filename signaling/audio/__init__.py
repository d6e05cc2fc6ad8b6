"""The audio socket: participants without WebRTC."""
