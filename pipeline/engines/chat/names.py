"""What a language model is told about a language."""

import langcodes

_NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish",
    "fil": "Filipino", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian",
    "ms": "Malay", "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili",
    "ta": "Tamil", "te": "Telugu", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip
_SCRIPTS = {
    "Hans": "simplified script",
    "Hant": "traditional script",
    "Latn": "Latin script",
    "Cyrl": "Cyrillic script",
}


def language_name(tag: str) -> str:
    """Name a language in English, with its tag: "Portuguese (pt-BR)". The tag alone where we have no name."""
    language = langcodes.Language.get(tag)
    name = _NAMES.get(language.language or "")
    if name is None:
        return tag
    script = _SCRIPTS.get(language.script or "")
    return f"{name} in {script} ({tag})" if script else f"{name} ({tag})"
