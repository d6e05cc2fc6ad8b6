"""The overlay: a room's captions over a picture, as its address asks for them."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import av
import pytest

from signaling.protocol import Close
from tests.fakes.said import transcript, translation
from tests.support.until import until
from tests.web.conftest import Visit, Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURES = Path(__file__).parent.parent.parent.parent / "artefacts" / "page"
HOSTILE: list[str] = json.loads((Path(__file__).parent.parent.parent / "data" / "hostile_text.json").read_text("utf-8"))
WATCH = """
window.__ran = [];
window.xss = (...values) => window.__ran.push('xss');
for (const name of ['alert', 'confirm', 'prompt', 'open', 'print']) window[name] = () => window.__ran.push(name);
document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => window.__ran.push(violatedDirective));
"""
OPEN = "document.documentElement.dataset.link === 'open'"
LINES = """[...document.querySelectorAll('#lines .line')].map((line) =>
  ['.name', '.text .words', '.source'].map((part) => line.querySelector(part))
    .map((part) => part.hidden ? '' : part.textContent))"""
# From now on nothing that the page sends arrives.
DEAF = """{
  const { send } = WebSocket.prototype;
  window.__deaf = true;
  WebSocket.prototype.send = function (data) { if (!window.__deaf) send.call(this, data); };
}"""
TOLD = "[...document.querySelectorAll('#told p')].map((line) => line.textContent)"


async def open_overlay(visiting: Visit, **query: object) -> None:
    """Open it, and wait until captions can come."""
    await visiting.page.goto(f"{visiting.door.url}/overlay/demo?{urlencode(query)}")
    await visiting.eventually(OPEN)


def take(visiting: Visit, *texts: object) -> None:
    for text in texts:
        visiting.door.door.feed.take(text)  # type: ignore[arg-type]


async def shows(visiting: Visit, *lines: list[str]) -> None:
    """Wait for these lines: [name, text, original], each "" where nothing is shown."""
    await visiting.eventually(f"JSON.stringify({LINES}) === JSON.stringify({json.dumps(lines)})")


async def transparent_share(visiting: Visit, name: str) -> float:
    """Keep a picture as OBS would take it; give how much of it lets through what is behind."""
    path = PICTURES / f"overlay-{name}.png"
    await visiting.page.screenshot(path=path, omit_background=True, animations="disabled")
    with av.open(str(path)) as file:
        alpha = next(file.decode(video=0)).to_ndarray(format="rgba")[:, :, 3]
    return float((alpha == 0).mean())


async def test_captions_over_a_picture(visit: Visiting) -> None:
    """The last lines in both languages, interim ones in their place, names where they change; all else lets through."""
    async with visit(script=WATCH, viewport={"width": 1280, "height": 720}) as visiting:
        visiting.add("anna", "Anna")
        visiting.add("amal", "أمل")
        await open_overlay(visiting, lang="es", dual=1, lines=3, fade=0)
        assert visiting.door.door.feed.is_read("demo")
        assert await transparent_share(visiting, "empty") == 1
        take(visiting, translation("buenos", "good", final=False))
        await shows(visiting, ["Anna", "buenos", "good"])
        dim = "getComputedStyle(document.querySelector('#lines .words')).opacity"
        assert float(await visiting.page.evaluate(dim)) < 1
        take(visiting, translation("Buenos días.", "Good morning."))
        await shows(visiting, ["Anna", "Buenos días.", "Good morning."])
        await visiting.eventually(f"{dim} === '1'")
        arabic = translation("Gracias", "شكرا جزيلا", utterance="u2", user_id="amal", source_language="ar")
        take(visiting, arabic, translation("Hoy hablamos del puente nuevo.", "Today it is the bridge.", utterance="u3"))
        await visiting.eventually(f"{LINES}.length === 3")
        assert 0.5 < await transparent_share(visiting, "captions") < 0.98
        take(visiting, translation("Cuatro", "Four", utterance="u3", clause=1))
        await shows(
            visiting,
            ["أمل", "Gracias", "شكرا جزيلا"],
            ["Anna", "Hoy hablamos del puente nuevo.", "Today it is the bridge."],
            ["", "Cuatro", "Four"],
        )
        directions = (
            "[...document.querySelectorAll('.line:first-child p')].map((p) => getComputedStyle(p).direction).join()"
        )
        assert await visiting.page.evaluate(directions) == "ltr,rtl"
        # What was said before all that is shown, what is known to have been nothing, and what comes twice.
        now_ms = int(time.time() * 1000)
        take(visiting, translation("x", "x", utterance="u0", ended_at_ms=now_ms - 20_000, purpose="replay"))
        take(visiting, translation("Cinco", "Five", utterance="u5", final=False))
        take(visiting, translation("", "", utterance="u5"))
        take(visiting, translation("Seis", "Six", utterance="u3", clause=2))
        await visiting.eventually(
            f"{LINES}.map((line) => line[1]).join() === 'Hoy hablamos del puente nuevo.,Cuatro,Seis'"
        )

        # Names and words made to be taken for something else.
        for number, text in enumerate(HOSTILE):
            visiting.add(f"evil{number}", text)
        await open_overlay(visiting, lang="es", dual=1, lines=10, fade=0)
        for first in range(0, len(HOSTILE), 10):
            piece = list(enumerate(HOSTILE))[first : first + 10]
            for number, text in piece:
                take(visiting, translation(text, f"{text}!", utterance=f"h{number}", user_id=f"evil{number}"))
            last = f"h{piece[-1][0]}"
            await visiting.eventually(
                f"document.querySelector('#lines .line:last-child').dataset.utterance === '{last}'"
            )
            shown = (await visiting.page.evaluate(LINES))[-len(piece) :]
            assert shown == [[text, text, f"{text}!"] for _, text in piece]
        assert await visiting.page.evaluate("window.__ran") == []
        grown = "#lines :not(.line, p.text, p.source, span.box, span.words, span.name, bdi)"
        assert await visiting.page.locator(grown).count() == 0


async def test_an_overlay_comes_back_by_itself(visit: Visiting) -> None:
    """What was said meanwhile is there, nothing twice; also after the room ended, and with what a token says no to."""
    async with visit() as visiting:
        visiting.add("anna", "Anna")
        opened: list[str] = []
        visiting.page.on("websocket", lambda socket: opened.append(socket.url))
        await open_overlay(visiting, lang="es", lines=5, fade=0, names=0)
        take(visiting, translation("uno", "one"), translation("ovni", "ufo", utterance="u2", final=False))
        await shows(visiting, ["", "uno", ""], ["", "ovni", ""])
        await visiting.page.route("**/healthz", lambda route: route.abort())
        await asyncio.gather(*(socket.close(code=Close.FAILED) for socket in list(visiting.door.door.sockets)))
        await visiting.eventually("document.documentElement.dataset.link === 'lost'")
        take(visiting, translation("dos", "two", utterance="u3"))
        await visiting.page.unroute("**/healthz")
        await visiting.eventually(OPEN)
        await visiting.eventually(f"{LINES}.map((line) => line[1]).sort().join() === 'dos,ovni,uno'")
        assert ["after=" in url for url in opened] == [False, True]
        async with asyncio.timeout(8):
            await visiting.page.wait_for_selector("text=ovni", state="detached")
        assert await visiting.page.evaluate(TOLD) == []
        # A host ends the room: it is told, and tried again, since there may be another one tomorrow.
        await asyncio.gather(*(socket.close(code=Close.ROOM_ENDED) for socket in list(visiting.door.door.sockets)))
        await visiting.eventually(f"{TOLD}.join() === 'This room has ended.'")
        await visiting.page.evaluate("window.dispatchEvent(new Event('online'))")
        await until(lambda: visiting.door.door.feed.is_read("demo"))
        # A token that lets nobody read.
        token = visiting.door.token("demo", "blind", subscribe=False)
        await visiting.page.goto(f"{visiting.door.url}/overlay/demo?token={token}")
        await visiting.eventually(f"{TOLD}.join().startsWith('The token of this overlay does not let it read')")
        visiting.complaints.clear()  # of requests that failed


async def test_what_cannot_be_meant_is_told(visit: Visiting) -> None:
    """In words, for ten seconds, with the usual in its place; captions go after their time, in the looks asked for."""
    async with visit() as visiting:
        await visiting.page.clock.install()
        await open_overlay(
            visiting, lines="many", lang="klingonese?", colour="red", size="60px", color="ffcc00", fade=4
        )
        assert await visiting.page.evaluate(TOLD) == [
            "“lines=many” cannot be used: it is a number from 1 to 10. The usual is taken.",
            "“lang=klingonese?” cannot be used: a language is written like es, fr or pt-BR. The usual is taken.",
            "This page knows no “colour” in its address.",
        ]
        for number in range(3):
            said = transcript(f"line {number}", utterance=f"u{number}", ended_at_ms=int(time.time() * 1000) + number)
            take(visiting, said, translation("no", "no", utterance=f"u{number}"))
        await shows(visiting, ["", "line 1", ""], ["", "line 2", ""])
        looks = "(({ color, fontSize }) => `${color} ${fontSize}`)(getComputedStyle(document.querySelector('.text')))"
        assert await visiting.page.evaluate(looks) == "rgb(255, 204, 0) 60px"
        await visiting.page.clock.fast_forward(3_000)
        assert len(await visiting.page.evaluate(LINES)) == 2
        await visiting.page.clock.fast_forward(1_500)
        await shows(visiting)
        assert len(await visiting.page.evaluate(TOLD)) == 3
        await visiting.page.clock.fast_forward(6_000)
        assert await visiting.page.evaluate(TOLD) == []

        async def read(**query: object) -> Any:
            script = f"""import('/assets/js/captions/overlay_settings.js').then((m) => {{
              const {{ settings, problems }} = m.settingsOf(new URLSearchParams({json.dumps(urlencode(query))}));
              return [settings, problems.map((problem) => problem.name)];
            }})"""
            return await visiting.page.evaluate(script)

        usual, _ = await read()
        asked = {"lang": "ES-mx", "size": "5VH", "background": "none", "page": "#00ff00", "align": "End", "names": "no"}
        meant = {
            "lang": "es-MX",
            "size": "5vh",
            "background": "none",
            "page": "#00ff00",
            "align": "end",
            "names": False,
        }
        assert await read(**asked) == [{**usual, **meant, "outline": "#000000"}, []]
        bad = {
            "dual": "2",
            "lines": "2.5",
            "size": "1000",
            "font": "comic",
            "color": "url(x)",
            "constructor": "1",
            "fade": "-1",
        }
        assert await read(**bad) == [usual, list(bad)]
        assert await read(ui="es", fade="0.5", weight="900") == [{**usual, "fade": 0.5, "weight": 900}, []]
        # To set it up by.
        await open_overlay(visiting, preview=1, ui="es")
        await shows(visiting, ["Parley", "Así se ve un subtítulo.", ""], ["", "Este todavía se está", ""])
        take(visiting, transcript("listo", language="es", ended_at_ms=int(time.time() * 1000)))
        await shows(visiting, ["", "listo", ""])


@pytest.mark.soak
async def test_a_silent_connection_is_replaced(visit: Visiting) -> None:
    """One that broke on the way looks like a silent one: nobody answers, and another socket is opened."""
    async with visit() as visiting:
        await open_overlay(visiting, lang="es", fade=0)
        (broken,) = visiting.door.door.sockets
        await visiting.page.evaluate(DEAF)
        async with asyncio.timeout(20):
            await until(lambda: broken not in visiting.door.door.sockets, 20)
        await visiting.page.evaluate("window.__deaf = false")
        await until(lambda: len(visiting.door.door.sockets) == 1, 10)
        take(visiting, translation("sigue", "it goes on"))
        await shows(visiting, ["", "sigue", ""])
