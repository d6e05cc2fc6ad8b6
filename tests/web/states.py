"""All states of the page. A scene brings it from one to the next, and names each when it is there."""

from collections.abc import AsyncIterator, Callable

from media_server.events import (
    DelaysChanged,
    LanguageDelay,
    Notice,
    QualityChanged,
    SlotChanged,
    Speaking,
    StillListening,
    SuppressOriginal,
)
from pipeline.messages import WorkerStatus
from signaling.hosting.hosts import Hosts
from tests.fakes.rooms import FakeParticipant
from tests.fakes.said import transcript, translation
from tests.web.stage import ROOM, Stage, knock, tell
from tests.web.stats.figures import figures, seen, slot

Scene = Callable[[Stage], AsyncIterator[str]]

# People of many lands, for rooms that are full.
NAMES = (
    *("Anna Whitfield", "Tom Becker-Hohenlohe von und zu Langenburg", "Amélie Rousseau", "Haruto Satō", "محمد العربي"),
    *("Olga Ivanova", "João Pereira", "Nguyễn Thị Hoa", "Ben", "Κώστας Παπαδόπουλος", "Zoë", "Ifeoma Okafor"),
    *("דנה לוי", "Søren Kierkegaard", "Priya Raman", "Ana Kobaladze"),
)
TONGUES = ("en", "de", "fr", "ja", "ar", "ru", "pt", "vi")


def hosts(stage: Stage) -> Hosts:
    return stage.door.door.hosts


def offer_languages(stage: Stage) -> None:
    """Have the server translate between more languages than the fake does by itself."""
    paths = stage.door.rooms.paths
    paths.recognisable = frozenset({"en", "es", *TONGUES})
    paths.pairs = {(one, other) for one in paths.recognisable for other in paths.recognisable if one != other}


def say_something(stage: Stage, me: FakeParticipant) -> None:
    """Bring a talk into full swing: two speakers, both languages, the last clause not final yet."""
    for text in (
        translation("Buenos días. Gracias por venir tan temprano.", "Good morning. Thank you for coming so early."),
        translation("Hoy hablamos del puente nuevo.", "Today we talk about the new bridge.", clause=1),
        transcript("Tengo una pregunta.", utterance="u2", language="es", user_id=me.info.participant_id),
        translation("El calendario no ha cambiado:", "The schedule has not changed:", utterance="u3"),
        translation("empezamos en primavera y", "we start in spring and", utterance="u3", clause=1, final=False),
    ):
        stage.door.door.feed.take(text)


async def talk(stage: Stage, query: str = "") -> FakeParticipant:
    """Go into a room where four people talk."""
    me = await stage.join("Lucía Ferrer", "es", "es", query)
    for number in range(3):
        stage.add(f"p{number}" if number else "anna", NAMES[number], TONGUES[number], TONGUES[number])
    stage.room.participants["p2"].set_muted(True)
    await stage.eventually("document.querySelectorAll('.person').length === 4")
    tell(
        me,
        SlotChanged(mid="5", kind="voice", speaker_id="anna", language="es"),
        SuppressOriginal(speaker_id="anna"),
        Speaking(speaker_ids=("anna",)),
        QualityChanged(qualities={me.info.participant_id: "good", "anna": "good", "p1": "fair", "p2": "poor"}),
        DelaysChanged(delays=(LanguageDelay(source="en", target="es", voice_ms=1480, caption_ms=930),)),
    )
    say_something(stage, me)
    await stage.eventually("document.querySelectorAll('.line').length === 5")
    return me


async def open_from_bar(stage: Stage, button: str, what: str) -> None:
    """Press a control of the bar, wherever it is: on phones some are in the menu behind "More"."""
    if not await stage.run(f"document.querySelector('{button}').checkVisibility()"):
        await stage.click("#more")
    await stage.click(button)
    await stage.shown(what)


async def choose_microphone(stage: Stage) -> None:
    """Choose the one that is chosen: it is opened anew."""
    await stage.run("document.querySelector('#microphone').dispatchEvent(new Event('change', { bubbles: true }))")


async def landing(stage: Stage) -> AsyncIterator[str]:
    await stage.open("/")
    await stage.eventually("document.readyState === 'complete'")
    yield "landing"
    await stage.put("#room", "not a room!")
    await stage.click("#enter button")
    await stage.shown("#room-error")
    yield "landing-wrong"


NO_MICROPHONE = "void (navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', '%s'); })"


async def joining(stage: Stage) -> AsyncIterator[str]:
    await stage.open(f"/r/{ROOM}")
    await stage.shown("#join")
    await stage.put("#name", "Lucía Ferrer")
    await stage.eventually("document.querySelector('#microphone').options.length > 0")
    yield "join"
    for error, state in (("NotAllowedError", "refused"), ("NotFoundError", "missing"), ("NotReadableError", "busy")):
        await stage.run(NO_MICROPHONE % error)
        await choose_microphone(stage)
        await stage.shown("#microphone-problem")
        yield f"join-{state}"
    await stage.run("void (navigator.mediaDevices.getUserMedia = () => new Promise(() => {}))")
    await stage.click("#microphone-again")
    yield "join-asking"
    await stage.put("#name", " ")
    await stage.click("#go")
    await stage.shown("#name-problem")
    yield "join-nameless"


IMITATOR = WorkerStatus(
    worker_id="w", stage="synthesis", engine="xtts", healthy=True, languages=("en", "es"), imitates=True, at_ms=0
)
# A microphone that gives nothing at all.
SILENCE = """void (navigator.mediaDevices.getUserMedia = async () =>
  new AudioContext().createMediaStreamDestination().stream)"""
INSECURE = "void Object.defineProperty(window, 'isSecureContext', { value: false, configurable: true })"


async def checking(stage: Stage) -> AsyncIterator[str]:
    stage.door.rooms.paths.workers.append(IMITATOR)
    await stage.open(f"/r/{ROOM}")
    await stage.shown("#consent")
    yield "join-own-voice"
    # In a Firefox without a sound card such a microphone is not found to be silent; why is not known.
    if not await stage.run("navigator.userAgent.includes('Firefox')"):
        await stage.run(SILENCE)
        await choose_microphone(stage)
        await stage.eventually("document.querySelector('#microphone-problem').innerText.includes('silent')")
        yield "join-silent"
    await stage.run(INSECURE)
    await choose_microphone(stage)
    await stage.eventually("document.querySelector('#microphone-problem').innerText.includes('insecure')")
    yield "join-insecure"


async def listening(stage: Stage) -> AsyncIterator[str]:
    token = stage.door.token(ROOM, "lea", publish=False, role="listener", name="Lea")
    await stage.open(f"/r/{ROOM}?token={token}")
    await stage.shown("#join")
    await stage.eventually("document.querySelector('#go').textContent.trim() !== ''")
    yield "join-listener"


async def lobby(stage: Stage) -> AsyncIterator[str]:
    hosts(stage).set_lobby(ROOM, True)
    await stage.open(f"/r/{ROOM}")
    await stage.shown("#join")
    await stage.put("#name", "Zoë")
    await stage.click("#go")
    await stage.shown("#waiting")
    yield "lobby"
    (me,) = stage.door.door.lobby.waiting(ROOM)
    hosts(stage).deny(ROOM, me.participant_id)
    await stage.gone("#waiting")
    yield "lobby-denied"


async def small_talk(stage: Stage) -> AsyncIterator[str]:
    me = await stage.join("Lucía Ferrer", "es", "es")
    await stage.shown("#alone")
    yield "call-alone"
    stage.add("anna", "Anna Whitfield", "en", "en")
    await stage.shown("[data-participant=anna]")
    yield "call-two"
    tell(me, StillListening(remaining_ms=9000, listeners=2))
    tell(me, Notice(code="translation_paused", text="x", speaker_id="anna"))
    tell(me, Notice(code="server_stopping", text="x"))
    await stage.eventually("document.querySelectorAll('.notice').length === 2")
    yield "call-notices"
    await stage.click("#mute")
    await stage.eventually("document.querySelector('.is-me .sign.muted').checkVisibility()")
    stage.room.participants["anna"].set_away()
    await stage.shown("[data-participant=anna] .sign.away")
    yield "call-muted-away"
    await stage.click("#leave")
    await stage.shown("#ended")
    yield "ended-left"


async def talking(stage: Stage) -> AsyncIterator[str]:
    await talk(stage)
    yield "call"
    for button, drawer in (("find", "find"), ("save", "save"), ("looks", "looks")):
        await stage.click(f"#open-{button}")
        await stage.shown(f"#{drawer}-drawer")
        if button == "find":
            await stage.put("#find", "puente")
        yield f"captions-{drawer}"
        await stage.click(f"#open-{button}")


async def dialogs(stage: Stage) -> AsyncIterator[str]:
    await talk(stage)
    for button, dialog in (
        ("#languages", "change"),
        ("#share", "share-dialog"),
        ("#open-devices", "devices-dialog"),
        ("#open-shortcuts", "shortcuts-dialog"),
    ):
        await open_from_bar(stage, button, f"#{dialog}")
        yield f"dialog-{dialog.removesuffix('-dialog')}"
        await stage.press("Escape")
        await stage.gone(f"#{dialog}")
    await stage.click("#more")
    await stage.shown("#more-menu")
    yield "more"
    await stage.press("Escape")
    await open_from_bar(stage, "#balance", "#balance-panel")
    yield "balance"
    await stage.press("Escape")
    await stage.click("[data-participant=anna] .more")
    await stage.shown("#person-menu")
    yield "person"


async def hosting(stage: Stage) -> AsyncIterator[str]:
    token = stage.door.token(ROOM, "lucia", role="host")
    await talk(stage, f"?token={token}")
    hosts(stage).set_lobby(ROOM, True)
    hosts(stage).lock(ROOM, True)
    knock(stage.door, "zoe", "Zoë Müller", "de", "de")
    knock(stage.door, "ken", "Haruto Satō", "ja", "ja")
    await open_from_bar(stage, "#toggle-hosting", "#hosting")
    await stage.eventually("document.querySelector('#hosting').innerText.includes('Zoë')")
    yield "hosting"
    await stage.click("#end-room")
    await stage.shown("#confirm")
    yield "hosting-confirm"


async def statistics(stage: Stage) -> AsyncIterator[str]:
    me = await talk(stage)
    await stage.click("#more")
    await stage.click("#open-stats")
    await stage.shown("#stats")
    yield "statistics-empty"
    slots = (slot("1", 900, kind="floor"), slot("5", 800))
    tell(me, figures(seen("u1"), seen("u2", slow=160), seen("u3", "p1", source="de", slow=420), slots=slots))
    await stage.eventually("document.querySelector('#stats-bars').childElementCount > 0")
    yield "statistics"
    await stage.click("#stats-as-table")
    await stage.shown("#stats-table")
    yield "statistics-table"


async def overlay(stage: Stage) -> AsyncIterator[str]:
    anna = stage.add("anna", "Anna Whitfield", "en", "en")
    await stage.open(f"/overlay/{ROOM}?lang=es&dual=1&fade=0")
    await stage.eventually("document.documentElement.dataset.link === 'open'")
    say_something(stage, anna)
    await stage.eventually("document.querySelector('#lines').innerText.includes('primavera')")
    yield "overlay"


async def crowds(stage: Stage) -> AsyncIterator[str]:
    me = await stage.join("Lucía Ferrer", "es", "es")
    for number in range(7):
        stage.add(f"p{number}", NAMES[number % len(NAMES)], TONGUES[number % 8], TONGUES[number % 8])
    await stage.eventually("document.querySelectorAll('.person').length === 8")
    tell(me, Speaking(speaker_ids=("p3", "p1")))
    yield "call-8"
    for number in range(7, 59):
        guest = stage.add(f"p{number}", NAMES[number % len(NAMES)], TONGUES[number % 8], TONGUES[number % 8])
        guest.set_muted(number % 3 > 0)
    await stage.eventually("document.querySelector('#count').textContent.includes('60')")
    tell(me, Speaking(speaker_ids=("p13", "p1")))
    yield "call-60"


# No way to the server: neither requests nor sockets come through.
NO_NETWORK = """(() => {
  window.fetch = async () => { throw new TypeError('no network'); };
  window.WebSocket = class extends EventTarget {
    constructor() { super(); setTimeout(() => this.onclose?.({ code: 1006 }), 50); }
    close() {}
    send() {}
  };
})()"""


async def trouble(stage: Stage) -> AsyncIterator[str]:
    await talk(stage)
    await stage.run("void (document.querySelector('#blocked').hidden = false)")
    yield "blocked"
    await stage.run("void (document.querySelector('#blocked').hidden = true)")
    await stage.run(NO_NETWORK)
    for presence in stage.door.door.presences.values():
        if presence.session is not None:
            presence.session._abort()
    await stage.shown("#lost")
    yield "lost"


async def endings(stage: Stage) -> AsyncIterator[str]:
    await talk(stage)
    hosts(stage).end(ROOM)
    await stage.shown("#ended")
    yield "ended-room"
    stage.door.door.states.forget(ROOM)
    whole = stage.door.token(ROOM, "lucia", role="host")
    await stage.open(f"/r/{ROOM}?token={whole.rpartition('.')[0]}")
    await stage.shown("#join-notice")
    await stage.eventually("document.querySelector('#microphone').options.length > 0")
    await stage.put("#name", "Lucía Ferrer")
    await stage.click("#go")
    await stage.shown("#join-problem")
    yield "join-invitation"


async def tour(stage: Stage) -> AsyncIterator[str]:
    """Go through few states that hold most of what there is, for looks at the page that are not usual."""
    await stage.open(f"/r/{ROOM}")
    await stage.shown("#join")
    await stage.eventually("document.querySelector('#microphone').options.length > 0")
    yield "join"
    await talk(stage, f"?token={stage.door.token(ROOM, 'lucia', role='host')}")
    yield "call"
    await open_from_bar(stage, "#languages", "#change")
    yield "dialog-change"
    await stage.press("Escape")
    await stage.gone("#change")
    await stage.click("#more")
    await stage.shown("#more-menu")
    yield "more"
    await stage.press("Escape")
    knock(stage.door, "zoe", "Zoë Müller", "de", "de")
    await open_from_bar(stage, "#toggle-hosting", "#hosting")
    await stage.eventually("document.querySelector('#hosting').innerText.includes('Zoë')")
    yield "hosting"


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        *(landing, joining, checking, listening, lobby, small_talk, talking, dialogs, hosting),
        *(statistics, crowds, trouble, endings, overlay),
    )
}
