"""What the tests of the captions panel work with: what it shows, and how to say something in it."""

import json

from signaling.captions.feed import CaptionFeed
from tests.web.conftest import Visit

# Whether somebody reads along at the end.
AT_END = """(() => {
  const { scrollHeight, scrollTop, clientHeight } = document.getElementById('captions');
  return scrollHeight - scrollTop - clientHeight < 48;
})()"""


def feed(visiting: Visit) -> CaptionFeed:
    """Give what brings captions to the page."""
    return visiting.door.door.feed


async def lines(visiting: Visit) -> list[list[str]]:
    """Give the lines of the panel: [speaker, text, original or nothing]."""
    script = """all => all.map((line) => [
      line.closest('.utterance').querySelector('.speaker').textContent,
      ...[...line.children].filter((p) => !p.hidden).map((p) => p.textContent),
    ])"""
    found: list[list[str]] = await visiting.page.eval_on_selector_all("#captions .line", script)
    return found


async def has_lines(visiting: Visit, count: int) -> None:
    """Wait until there are so many."""
    await visiting.eventually(f"document.querySelectorAll('#said .line').length === {count}")


async def say_to_page(visiting: Visit, **message: object) -> None:
    """Send one of the server's messages to the only page there is."""
    (socket,) = visiting.door.door.sockets
    await socket.send_str(json.dumps(message))
