"""What others write is text: names, captions, languages and notices made to be taken for something else.

The strings are in tests/data/hostile_text.json. Those that are programs call `xss`, which notes that it was called.
"""

import json
from pathlib import Path

import pytest

from media_server.events import Notice
from signaling.names import NAME_LENGTH, clean_name
from tests.fakes.said import translation
from tests.web.conftest import Visit, Visiting, tell

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOSTILE: list[str] = json.loads((Path(__file__).parent.parent / "data" / "hostile_text.json").read_text("utf-8"))

# Notes what no text may bring about, before the page's own scripts run.
WATCH = """
window.__ran = [];
window.xss = (...values) => window.__ran.push('xss');
for (const name of ['alert', 'confirm', 'prompt', 'open', 'print']) window[name] = () => window.__ran.push(name);
document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  window.__ran.push(`${violatedDirective} ${blockedURI}`));
"""

# Elements that could do something, or change what the page is, counted; the page's own are there before.
COUNT = """() => Object.fromEntries(['a',
  'audio', 'base', 'body', 'details', 'dialog', 'embed', 'form', 'iframe', 'img',
  'input', 'link', 'main', 'marquee', 'math', 'meta', 'noscript', 'object', 'plaintext', 'script', 'select', 'source',
  'style', 'table', 'template', 'textarea', 'title', 'video', 'x', 'xmp'].map((tag) =>
    [tag, document.querySelectorAll(tag).length]))"""

# Elements within those that show text from others, and event handlers on any element, set by an attribute.
GROWN = """() => [
  ...document.querySelectorAll('.person .name *, .utterance .text *, .utterance .source *, .speaker *, .notice p *'),
  ...[...document.querySelectorAll('*')].filter((e) => e.getAttributeNames().some((name) => name.startsWith('on'))),
].map((element) => element.outerHTML)"""


async def shown(visiting: Visit, selector: str) -> list[str]:
    """Give the texts that these elements show."""
    found: list[str] = await visiting.page.eval_on_selector_all(selector, "all => all.map((e) => e.textContent)")
    return found


async def assert_nothing_ran(visiting: Visit, before: object) -> None:
    """See that the page is what it was, but for the text."""
    assert await visiting.page.evaluate("window.__ran") == []
    assert await visiting.page.evaluate(GROWN) == []
    assert await visiting.page.evaluate(COUNT) == before
    assert visiting.page.url == f"{visiting.door.url}/r/demo"


async def test_there_are_enough_of_them() -> None:
    """Each of its own kind."""
    assert len(set(HOSTILE)) == len(HOSTILE) >= 100


async def test_whatever_others_write_is_shown_as_text(visit: Visiting) -> None:
    """As name, as what was said and its translation, as language, as notice: letter by letter; nothing of it runs."""
    async with visit(script=WATCH) as visiting:
        dialogs: list[str] = []
        visiting.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        me = await visiting.join("Bea", "es", "es")
        before = await visiting.page.evaluate(COUNT)
        done = 0
        # No more at once than may wait for one client.
        for first in range(0, len(HOSTILE), 40):
            piece = list(enumerate(HOSTILE))[first : first + 40]
            for number, text in piece:
                visiting.add(f"evil{number}", text, speaks=text, hears=text)
                said = translation(text, f"{text}!", utterance=f"u{number}", user_id=f"evil{number}")
                visiting.door.door.feed.take(said)
            tell(me, *(Notice(code="made_up", text=text) for _, text in piece[:5]))
            done += len(piece)
            await visiting.eventually(f"document.querySelectorAll('.line').length === {done}")
        assert (await shown(visiting, ".person .name"))[1:] == HOSTILE
        assert await shown(visiting, ".utterance .speaker") == HOSTILE
        assert await shown(visiting, ".utterance .text") == HOSTILE
        assert await shown(visiting, ".utterance .source") == [f"{text}!" for text in HOSTILE]
        assert dialogs == []
        await assert_nothing_ran(visiting, before)


@pytest.mark.parametrize("number", [pytest.param(20, marks=pytest.mark.soak), 137])
async def test_ones_own_name_is_text_too(visit: Visiting, number: int) -> None:
    """As it was typed in, and cleaned at the door: to oneself, and in the link that is copied."""
    async with visit(script=WATCH) as visiting:
        # What a call has of its own is there once one was entered.
        await (await visiting.join("Bea", "es", "es")).leave()
        before = await visiting.page.evaluate(COUNT)
        typed = HOSTILE[number][:NAME_LENGTH]
        me = await visiting.join(typed, "es", "es")
        await visiting.eventually("document.querySelectorAll('.person .name').length === 1")
        assert me.info.name == clean_name(typed)
        assert me.info.name in (await shown(visiting, ".person .name"))[0]
        after = await visiting.page.evaluate(COUNT)
        assert after == {**before, "audio": after["audio"]}
        await assert_nothing_ran(visiting, after)


async def test_a_page_that_was_given_markup_would_have_been_caught(visit: Visiting) -> None:
    """The counts above see what they are to see: an element that a text had made, and a handler."""
    async with visit(script=WATCH) as visiting:
        await visiting.join("Bea", "es", "es")
        before = await visiting.page.evaluate(COUNT)
        await visiting.page.evaluate("document.querySelector('.person .name').append(document.createElement('img'))")
        assert await visiting.page.evaluate(GROWN) == ["<img>"]
        assert await visiting.page.evaluate(COUNT) != before
