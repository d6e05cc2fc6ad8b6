"""Small models for Coqui with random weights, written as its own are: XTTS and VITS. They need coqui-tts to be made."""

from pathlib import Path
from typing import Any

LETTERS = "abcdefghijklmnopqrstuvwxyzáéíóúüñ¿¡.,;:!?'-"
SPECIAL = ("[STOP]", "[UNK]", "[SPACE]", "[START]")
LANGUAGES = ("en", "es", "fr")
STOCK = tuple(f"Stock {number}" for number in range(8))
WIDTH = 64
"""Numbers in a vector of the language model, of 1,024 in the real one. Its vocoder cannot be made smaller."""
LATENTS = 32
AUDIO_TOKENS = 30
"""How long every sentence gets, since random weights hardly ever say that it is over: 1.4 s."""
LOUDER = 30.0
"""The vocoder's last layer is multiplied by this: random ones whisper."""


def write_xtts(folder: Path) -> Path:
    """Write config.json, model.pth, vocab.json and speakers_xtts.pth of an XTTS model."""
    import torch
    from TTS.tts.configs.xtts_config import XttsArgs, XttsConfig
    from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
    from TTS.tts.models.xtts import Xtts

    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    arguments = XttsArgs(
        gpt_layers=2,
        gpt_n_model_channels=WIDTH,
        gpt_n_heads=2,
        gpt_max_audio_tokens=AUDIO_TOKENS + 3,
        gpt_use_perceiver_resampler=True,
        decoder_input_dim=WIDTH,
    )
    config = XttsConfig(model_args=arguments, languages=list(LANGUAGES))
    config.save_json(str(folder / "config.json"))
    _write_vocabulary(folder / "vocab.json")
    model: Any = Xtts(config)
    model.tokenizer = VoiceBpeTokenizer(vocab_file=folder / "vocab.json")
    model.init_models()
    weights = model.state_dict()
    weights["hifigan_decoder.waveform_decoder.conv_post.weight"] *= LOUDER
    torch.save({"model": weights}, folder / "model.pth")
    stock = {
        name: {"gpt_cond_latent": torch.randn(1, LATENTS, WIDTH), "speaker_embedding": torch.randn(1, 512, 1)}
        for name in STOCK
    }
    torch.save(stock, folder / "speakers_xtts.pth")
    return folder


def write_vits(folder: Path) -> Path:
    """Write config.json and model.pth of a VITS model with four speakers, that says its language is Spanish."""
    import torch
    from TTS.tts.configs.vits_config import VitsArgs, VitsConfig
    from TTS.tts.models.vits import Vits

    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    arguments = VitsArgs(
        hidden_channels=32,
        hidden_channels_ffn_text_encoder=64,
        num_layers_text_encoder=1,
        num_layers_flow=1,
        upsample_initial_channel_decoder=64,
        use_sdp=False,
        init_discriminator=False,
        use_speaker_embedding=True,
    )
    config = VitsConfig(model_args=arguments, text_cleaner="basic_cleaners", phoneme_language="es")
    config.speakers = [f"s{number}" for number in range(4)]
    model: Any = Vits(config)
    model.config.save_json(str(folder / "config.json"))
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    return folder


def _write_vocabulary(path: Path) -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import BPE

    special = [*SPECIAL, *(f"[{language}]" for language in LANGUAGES)]
    vocabulary = {piece: number for number, piece in enumerate([*special, *LETTERS])}
    tokenizer = Tokenizer(BPE(vocab=vocabulary, merges=[], unk_token="[UNK]"))  # noqa: S106 - not that kind of token
    tokenizer.add_special_tokens(special)
    tokenizer.save(str(path))
