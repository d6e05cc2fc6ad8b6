"""Whether a server may start with what it was told about who comes in. Pure: it looks at settings and flags only.

Nothing has a default secret. Without one, a server makes up its own, which no other process knows: with it, it can let
in only those to whom it gives tokens itself, and unless told otherwise it gives them only to who sits at this machine.
"""

from collections.abc import Iterator

from parley.errors import SettingError
from parley.finding import Finding
from parley.settings import Settings
from signaling.origins import is_loopback
from signaling.settings import SignalingSettings

DEV, ANYWHERE = "--dev", "--dev-anywhere"

_KEYS = "signaling.tokens.secrets"
_SET_KEYS = (
    "set signaling.tokens.secrets to NAME:SECRET (`openssl rand -hex 32` makes a secret), or signaling.tokens.jwks_url "
    "(to try it out at this machine: --dev, and no --host)"
)


def dev_settings(*, dev: bool, anywhere: bool) -> dict[str, tuple[str, str]]:
    """Give what the flags say of the settings: by the setting's name, the flag and its text."""
    if dev and anywhere:
        return {"signaling.dev_tokens": (ANYWHERE, "always")}
    return {"signaling.dev_tokens": (DEV, "loopback")} if dev else {}


def check_entrance(door: SignalingSettings, *, dev: bool, anywhere: bool) -> None:
    """See whether the right people, and somebody at all, could come in.

    Args:
        door: the settings in force, those of the flags among them.
        dev: development tokens, by a secret of this process.
        anywhere: not only for who sits at this machine.

    Raises:
        SettingError: they could not; says what to set.
    """
    here = is_loopback(door.host)
    if anywhere and not dev:
        raise SettingError(
            "signaling.dev_tokens", ANYWHERE, "it widens --dev, which is missing", "say both, or neither"
        )
    if dev:
        if door.has_token_keys:
            problem = "tokens that prove nothing would be signed with a secret that does"
            raise SettingError(_KEYS, DEV, problem, "leave either --dev or the secret out")
        if not here and not anywhere:
            problem = f"it lets in who sits at this machine, but {door.host} can be reached from others"
            raise SettingError(
                "signaling.host", DEV, problem, "leave --host out, or let in everybody: --dev-anywhere too"
            )
    elif not door.has_token_keys and (door.dev_tokens == "never" or (door.dev_tokens == "loopback" and not here)):
        raise SettingError(_KEYS, "default", "no secret is set, and so nobody could come in", _SET_KEYS)


def entrance(settings: Settings) -> Iterator[Finding]:
    """Say for the doctor who could come in."""
    door, name = settings.signaling, "who may come in"
    try:
        check_entrance(door, dev=False, anywhere=False)
    except SettingError as error:
        yield Finding(name, "missing", error.problem, error.remedy)
        return
    ways = ["who has a token by the secrets that are set"] if door.token_secret or door.tokens.secrets else []
    if door.tokens.has_jwks:
        ways.append("who has a token by the public keys that are set")
    if door.dev_tokens == "loopback":
        ways.append("who opens the page at this machine")
    if door.dev_tokens == "always":
        remedy = "where that is not meant, set signaling.dev_tokens to never or loopback"
        yield Finding(name, "warn", "everybody who reaches the page: dev_tokens is always", remedy)
    else:
        yield Finding(name, "ok", "; ".join(ways))
