"""`parley token`: tokens that let people in. The token goes to standard output, everything else to standard error.

Exit codes: 0 done, 1 it could not be done here (a server that cannot be reached, a token that is not good), 2 it was
told wrongly.
"""

import asyncio
import json
import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from parley.options import Options, end, loaded, takes_settings

if TYPE_CHECKING:
    from signaling.identity.grant import Grant
    from signaling.identity.wanted import TokenWanted
    from signaling.settings import SignalingSettings

app = typer.Typer(
    name="token",
    help="Make the tokens that let people in, look into one, or revoke one.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="One JSON document, for programs.")]

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 24 * 3600}
_DURATION = re.compile(r"(\d{1,9})([smhd]?)")
# Seconds for which a server is waited for.
_ANSWER_S = 10.0


@app.command()
@takes_settings(flags=False)
def create(
    options: Options,
    room: Annotated[str, typer.Option("--room", metavar="ROOM", help="The room that it opens.")],
    identity: Annotated[
        str | None, typer.Option("--identity", metavar="ID", help="Who they are there; a new id if left out.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="What the others call them.")] = None,
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="host, speaker or listener.")] = "speaker",
    languages: Annotated[
        str | None, typer.Option("--languages", metavar="TAGS", help="All that they may speak and hear: en,es.")
    ] = None,
    speaks: Annotated[
        str | None, typer.Option("--speaks", metavar="TAG", help="What they speak, unless they say so themselves.")
    ] = None,
    hears: Annotated[
        str | None, typer.Option("--hears", metavar="TAG", help="What they listen to, unless they say so themselves.")
    ] = None,
    hidden: Annotated[bool, typer.Option("--hidden", help="Shown to nobody, and not heard.")] = False,
    admitted: Annotated[bool, typer.Option("--admitted", help="Goes past the lobby.")] = False,
    lifetime: Annotated[
        str | None, typer.Option("--lifetime", metavar="TIME", help="To come in within: 600, 10m, 2h, 7d.")
    ] = None,
    visit: Annotated[str | None, typer.Option("--visit", metavar="TIME", help="To be gone again after.")] = None,
    as_json: Json = False,
) -> None:
    """Make a token with the secret of the settings, and print it."""
    from signaling.identity.tokens import Tokens
    from signaling.identity.wanted import UnfitError, give

    door = _door(options)
    if not (door.token_secret or door.tokens.secrets):
        end(
            2, "no secret is set: signaling.tokens.secrets, or PARLEY_SIGNALING__TOKENS__SECRETS_FILE; the server's own"
        )
    wanted = _wanted(
        room_id=room,
        participant_id=identity,
        name=name,
        role=role,
        languages=None if languages is None else [tag.strip() for tag in languages.split(",") if tag.strip()],
        speaking_language=speaks,
        listening_language=hears,
        hidden=hidden,
        admitted=admitted,
        lifetime_s=_seconds("--lifetime", lifetime),
        visit_s=_seconds("--visit", visit),
    )
    try:
        given = give(wanted, Tokens(door), longest_s=door.tokens.longest_s)
    except UnfitError as error:
        end(2, str(error))
    if as_json:
        _print_json({field: getattr(given, field) for field in given.__struct_fields__})
    else:
        typer.echo(given.token)
        typer.echo(f"for {given.participant_id} in {given.room_id}; its id is {given.token_id}", err=True)


@app.command()
@takes_settings(flags=False)
def inspect(
    options: Options,
    room: Annotated[str, typer.Option("--room", metavar="ROOM", help="The room that it should open.")],
) -> None:
    """Read a token from standard input, and say what it grants, or (exit code 1) why it opens nothing.

    By the secrets and the public keys of the settings; what was revoked is known to servers only.
    """
    from signaling.identity.token_error import TokenError

    try:
        grant = asyncio.run(_checked(_door(options), sys.stdin.readline(8192).strip(), room))
    except TokenError as error:
        end(1, f"{error}")
    _print_json(
        {
            "room_id": grant.room_id,
            "participant_id": grant.participant_id,
            "name": grant.name,
            "role": grant.role,
            "publish": grant.publish,
            "subscribe": grant.subscribe,
            "hidden": grant.hidden,
            "admitted": grant.admitted,
            "languages": None if grant.languages is None else sorted(grant.languages),
            "ends_at": grant.expires_at,
            "token_id": grant.token_id,
            "origin_id": grant.origin_id,
        }
    )


@app.command()
@takes_settings(flags=False)
def revoke(
    options: Options,
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The token's id (`jti`).")],
    server: Annotated[str, typer.Option("--server", metavar="URL", help="Any node.")] = "http://127.0.0.1:8080",
) -> None:
    """Revoke a token: it opens nothing any more, and who came with it is out within 30 s, on every node.

    With the first of `signaling.tokens.api_keys`.
    """
    keys = _door(options).tokens.named_api_keys
    if not keys:
        end(2, "no API key is set: signaling.tokens.api_keys, or PARLEY_SIGNALING__TOKENS__API_KEYS_FILE; the server's")
    status, why = asyncio.run(_delete(server, token_id, keys[0].secret))
    if status != 204:
        end(1, why)
    typer.echo("revoked", err=True)


def _door(options: Options) -> "SignalingSettings":
    return loaded(options).settings.signaling


def _seconds(flag: str, text: str | None) -> int | None:
    if text is None:
        return None
    match = _DURATION.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        end(2, f"{flag} is {text[:40]!r}, but it must be a time: 600, 10m, 2h or 7d")
    return int(match[1]) * _UNITS[match[2]]


def _wanted(**fields: Any) -> "TokenWanted":
    """Say what is wanted as a REST client would, with the same checks."""
    import msgspec

    from signaling.identity.wanted import TokenWanted

    try:
        return msgspec.convert(fields, TokenWanted)
    except msgspec.ValidationError as error:
        end(2, str(error))


async def _checked(door: "SignalingSettings", token: str, room: str) -> "Grant":
    from signaling.identity.jwks_source import JwksSource
    from signaling.identity.tokens import Tokens

    source = JwksSource(door.tokens)
    async with source.open():
        return await Tokens(door, source=source).check(token, room)


async def _delete(server: str, token_id: str, key: str) -> tuple[int, str]:
    """Ask a server; gives the status, 0 for none, and what is wrong."""
    from urllib.parse import quote

    import aiohttp

    url = f"{server.rstrip('/')}/api/v1/tokens/{quote(token_id, safe='')}"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ANSWER_S)) as http,
            http.delete(url, headers={"X-Api-Key": key}, allow_redirects=False) as response,
        ):
            return response.status, f"the server answered {response.status}: {(await response.text())[:200]}"
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return 0, f"{server} cannot be asked ({type(error).__name__}); name a node with --server"


def _print_json(document: object) -> None:
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
