"""Participants without WebRTC: sound that comes as it is, and goes as it is.

DirectConnection   a Peer without an offer: a microphone, and outlets whose packets become frames
DirectMicrophone   16 kHz sound in: analysed at once; paced, and encoded only if somebody hears it
PcmReader, ContainerReader   what clients send, to 16 kHz sound
"""
