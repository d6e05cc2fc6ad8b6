"""`parley overlay` and `parley type`: captions above all windows, and dictation into whichever window is in front.

Users of `parley.client`; nothing of the server is imported. PySide6, SoundCard and python-xlib come with the extra
`desktop`, and only the modules named after them in README.md import them.
"""
