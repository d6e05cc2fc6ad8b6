"""Keys of services."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from signaling.identity.api_keys import ApiKeys
from signaling.identity.settings import Named

NEW, OLD = "n" * 32, "o" * 32
KEYS = ApiKeys((Named("new", NEW), Named("old", OLD)))


def asking(**headers: str) -> web.Request:
    return make_mocked_request(
        "GET", "/api/v1/rooms?key=" + NEW, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"Authorization": f"Bearer {NEW}"}, "new"),
        ({"Authorization": f"bearer  {OLD} "}, "old"),
        ({"X-Api-Key": NEW}, "new"),
        ({"X_Api_Key": OLD, "Authorization": "Bearer eyJ"}, "old"),
    ],
)
def test_a_key_opens_under_its_name(headers: dict[str, str], name: str) -> None:
    """As Bearer or in a header of its own; several at once, for rotation."""
    assert KEYS.verify(asking(**headers)) == name


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {NEW}"},
        {"Authorization": NEW},
        {"X-Api-Key": ""},
        {"X-Api-Key": "new"},
        {"X-Api-Key": NEW[:-1]},
        {"X-Api-Key": NEW + "n"},
        {"X-Api-Key": NEW.upper()},
        {"X-Api-Key": "ключ"},
        {"X-Api-Key": "n" * 5000},
    ],
)
def test_without_a_key_it_is_401(headers: dict[str, str]) -> None:
    """Also with one in the query, where logs would have it. What was sent is not repeated."""
    with pytest.raises(web.HTTPUnauthorized) as refused:
        KEYS.verify(asking(**headers))
    assert refused.value.headers["WWW-Authenticate"].startswith("Bearer")
    body = refused.value.body
    assert isinstance(body, bytes)
    assert b"api_key_needed" in body
    assert b"nnn" not in body


def test_where_no_key_is_set_none_opens() -> None:
    """It says which setting it is."""
    with pytest.raises(web.HTTPUnauthorized) as refused:
        ApiKeys(()).verify(asking(X_Api_Key=NEW))
    assert "signaling.tokens.api_keys" in (refused.value.text or "")


def test_keys_are_not_kept_as_they_are() -> None:
    """Their digests are: nothing that could be shown by mistake."""
    assert NEW not in str(vars(KEYS))
