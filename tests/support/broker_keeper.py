"""Keeps a broker for a test run: says where it is, and ends it when the run's process ends, however that ends."""

import json
import os
import select
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.support.broker import BrokerProcess


def main(owner: int, folder: Path) -> None:
    owners_end = os.pidfd_open(owner)
    data = Path(tempfile.mkdtemp(prefix="kafka-", dir=folder))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    broker = BrokerProcess(data)
    try:
        broker.start_now()
        sys.stdout.write(json.dumps({"bootstrap": broker.bootstrap}) + "\n")
        sys.stdout.close()
        select.select([owners_end], [], [])
    finally:
        broker.kill_now()
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
