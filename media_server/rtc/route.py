"""One connection's way out: its SRTP session, and where its browser is."""

from pylibsrtp import Session

from media_server.rtc.batch import Batch, Destination, Encrypt
from media_server.rtc.demux import Address
from media_server.rtc.native import Struct, ffi
from media_server.rtc.port import MediaPort
from media_server.rtc.rtp import Header
from media_server.rtc.srtp import encrypting, pointer


class Route:
    """Takes RTP packets while it has both; `shared` is the same for lanes.c, as a `struct route *`."""

    def __init__(self, port: MediaPort) -> None:
        self.shared: Struct = ffi.new("struct route *")
        self._port = port
        # Held while `shared` points to it.
        self._session: Session | None = None
        self._encrypt: Encrypt | None = None
        self._batch: Batch | None = None
        self._destination = Destination("0.0.0.0", 0)  # noqa: S104 - until there is one

    def open(self, session: Session) -> None:
        """Encrypt with this session from now on."""
        self._session, self._encrypt = session, encrypting(session)
        self.shared.session = pointer(session)

    def close(self) -> None:
        """Forget the session: nothing goes out any more."""
        self.shared.session = ffi.NULL
        self._session = self._encrypt = None

    def turn_to(self, address: Address | None) -> None:
        """Send there from now on; None: nowhere. An address that cannot be sent to counts as a failure to send."""
        self._batch = None
        self.shared.batch = ffi.NULL
        if address is None:
            return
        try:
            self._destination = Destination(*address)
            self._batch = self._port.batch(address[0])
        except (KeyError, OSError):
            self._port.send_failed()
            return
        self.shared.address = self._destination.packed.ljust(ffi.sizeof(self.shared.address), b"\0")
        self.shared.batch = self._batch.shared

    def send(self, header: Header, rest: bytes) -> bool:
        """Encrypt, and send with the port's next `flush`. Never raises; False if it will not go out."""
        batch, encrypt = self._batch, self._encrypt
        if batch is None or encrypt is None:
            return False
        if not batch.add(encrypt, self._destination, header, rest):
            self._port.send_failed()
            return False
        return True
