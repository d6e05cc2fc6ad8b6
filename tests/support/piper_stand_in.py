"""Stands in for Piper's web server where that one must fail or be slow: the same words on its command line, the same

requests and answers (docs/API_HTTP.md of OHF-Voice/piper1-gpl), and a tone for a voice. A program of its own; the
words after its name that Piper does not know say how it behaves. It imports nothing but the standard library.
"""

import argparse
import io
import json
import math
import os
import struct
import sys
import time
import wave
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECONDS_PER_LETTER = 0.05


class Asked(BaseHTTPRequestHandler):
    """One request. Some texts are obeyed."""

    # The only path that there is.
    path_served = "/synthesize"
    # Seconds that a sentence takes.
    slow_s = 0.0

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        sys.stdout.write(f"{json.dumps(asked)}\n")
        sys.stdout.flush()
        if self.path != self.path_served:
            return self.send_error(404)
        time.sleep(self.slow_s)
        match asked["text"].strip("."):
            case "die":
                os._exit(3)
            case "hang":
                time.sleep(60)
            case "fail":
                return self.send_error(500)
            case "garbage":
                return self.answer(b"RIFF and so on")
            case "wide":
                return self.answer(sound(asked, rate=48_000))
        if "broken" in asked["voice"]:
            return self.send_error(500)
        return self.answer(sound(asked, rate=16_000 if "low" in asked["voice"] else 22_050))

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        # As Flask calls what it is given without a type.
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing about it."""


def sound(asked: dict[str, object], rate: int) -> bytes:
    """Make a tone whose pitch says who speaks."""
    samples = int(rate * SECONDS_PER_LETTER * len(str(asked["text"])) * float(str(asked["length_scale"])))
    pitch = 2 * math.pi * (200 + 50 * int(str(asked["speaker_id"]))) / rate
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(b"".join(struct.pack("<h", int(9_000 * math.sin(pitch * n))) for n in range(samples)))
    return file.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="0.0.0.0")  # noqa: S104 - as Piper's; nobody starts it so
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data-dir", action="append")
    parser.add_argument("--cuda", action="store_true")
    parser.add_argument("--old", action="store_true", help="serve the older path")
    parser.add_argument("--slow-s", type=float, default=0.0, help="seconds for each sentence")
    parser.add_argument("--deaf", action="store_true", help="never listen")
    parser.add_argument("--ends", help="say this and end")
    words = parser.parse_args()
    if words.ends:
        raise SystemExit(words.ends)
    if words.deaf:
        time.sleep(60)
    Asked.path_served = "/" if words.old else "/synthesize"
    Asked.slow_s = words.slow_s
    with ThreadingHTTPServer((words.host, words.port), Asked) as server:
        sys.stderr.write(f" * Running on http://{words.host}:{server.server_port}\n")
        sys.stderr.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
