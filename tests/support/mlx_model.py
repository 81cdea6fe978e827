"""A tiny random model in the publisher's layout, as mlx-lm loads it: the weights of `lora.weights`."""

import json
from pathlib import Path

import lora
import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers


def tiny(folder: Path) -> Path:
    """A random qwen2 in the publisher's layout."""
    folder.mkdir()
    found = lora.weights()
    ones = np.ones(lora.HIDDEN, np.float32)
    tensors = {"model.embed_tokens.weight": found["embed"], "lm_head.weight": found["head"], "model.norm.weight": ones}
    for layer in range(lora.BLOCKS):
        place = f"model.layers.{layer}"
        tensors |= {f"{place}.input_layernorm.weight": ones, f"{place}.post_attention_layernorm.weight": ones}
        tensors |= {f"{place}.{kind}.weight": found[f"layers.{layer}.{kind}"] for kind in lora.SHAPES}
        for kind, rows in (("q", lora.HIDDEN), ("k", lora.KV), ("v", lora.KV)):
            tensors[f"{place}.self_attn.{kind}_proj.bias"] = np.zeros(rows)
    save_file({name: value.astype(np.float32) for name, value in tensors.items()}, folder / "model.safetensors")
    config = {
        "model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "hidden_size": lora.HIDDEN,
        "num_hidden_layers": lora.BLOCKS, "intermediate_size": lora.FEED_FORWARD, "num_attention_heads": lora.HEADS,
        "num_key_value_heads": lora.KV_HEADS, "rms_norm_eps": 1e-6, "vocab_size": lora.VOCABULARY,
        "rope_theta": 10000.0, "tie_word_embeddings": False, "max_position_embeddings": 4096, "eos_token_id": 256,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: n for n, letter in enumerate(letters)} | {"<|end|>": 256}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)  # type: ignore[assignment]
    tokenizer.decoder = decoders.ByteLevel()  # type: ignore[assignment]
    tokenizer.save(str(folder / "tokenizer.json"))
    template = "{% for message in messages %}{{ message.content }}{% endfor %}"
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>", "chat_template": template}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return folder
