"""Where a provider is asked, and with which key: checked before anything is sent."""

from yarl import URL

from pipeline.engines.engine import EngineUnavailableError

OPENAI = "api.openai.com"


def base_address(base_url: str) -> URL:
    """Take a base URL as people write it; paths can be joined to it.

    Raises:
        EngineUnavailableError: it is none. The URL is not quoted, since people put keys into them.
    """
    remedy = "set base_url to something like https://api.example.com/v1"
    try:
        url = URL(base_url.strip())
        usable = url.scheme in ("http", "https") and bool(url.host) and url.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise EngineUnavailableError("base_url is not the address of a web server", remedy)
    if url.user or url.password or url.query_string or url.fragment:
        raise EngineUnavailableError("base_url holds more than scheme, host, port and path", remedy)
    return url


def clean_key(key: str, engine: str) -> str:
    """Take a key as it comes from the setting `engines.ENGINE.api_key`, without blanks around it.

    Raises:
        EngineUnavailableError: there is none, or it cannot be one. The key is not quoted.
    """
    cleaned = key.strip()
    variable = f"PARLEY_ENGINES__{engine.upper()}__API_KEY"
    remedy = f"set engines.{engine}.api_key, or the variable {variable} or {variable}_FILE"
    if not cleaned:
        raise EngineUnavailableError(f"{engine} needs a key", remedy)
    if not (cleaned.isascii() and cleaned.isprintable() and " " not in cleaned):
        raise EngineUnavailableError(f"the key for {engine} has characters that no key has", remedy)
    return cleaned


def optional_key(key: str, base_url: str, engine: str) -> dict[str, str]:
    """Give the header for OpenAI and those who speak its protocol; none without a key, which only OpenAI insists on.

    Raises:
        EngineUnavailableError: as `clean_key` and `base_address`.
    """
    if not key.strip() and base_address(base_url).host != OPENAI:
        return {}
    return {"Authorization": f"Bearer {clean_key(key, engine)}"}
