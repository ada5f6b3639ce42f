"""What the models accept and cost: the facts that the stub holds requests to.

One row a model.  The names of the columns are those of the reference for the
Messages protocol; nothing here knows HTTP.
"""
from fractions import Fraction

# A retired model is one that the stub has no row for: 404 "model: <name>".
# thinking: the types that are accepted; effort: the levels, "" for none;
# off_effort: the levels that go with thinking "disabled" or "between_tools".
_COLUMNS = ("thinking", "effort", "off_effort", "sampling", "prefill",
            "forced_tool", "cache_min", "context", "max_output",
            "price", "tokens_per_kb")

_OLD, _NEW = 250, 325       # the newer tokenizer makes about 30 % more of a text
_ALL = "low medium high xhigh max"
_HIGH = "low medium high"

# price: input, write 5m, write 1h, read, output; USD for a million tokens
_OPUS = ("5", "6.25", "10", "0.50", "25")
_SONNET = ("3", "3.75", "6", "0.30", "15")
_SONNET_5 = ("2", "2.50", "4", "0.20", "10")

_ROWS = {
    "claude-haiku-4-5-20251001":
        ("enabled disabled", "", "", True, True, True, 4096, 200000, 64000,
         ("1", "1.25", "2", "0.10", "5"), _OLD),
    "claude-sonnet-4-5-20250929":
        ("enabled disabled", "", "", True, True, True, 1024, 200000, 64000,
         _SONNET, _OLD),
    "claude-opus-4-5-20251101":
        ("enabled disabled", _HIGH, _HIGH, True, True, True, 4096, 200000,
         64000, _OPUS, _OLD),
    "claude-opus-4-6":
        ("adaptive enabled disabled", "low medium high max",
         "low medium high max", True, False, True, 4096, 1000000, 128000,
         _OPUS, _OLD),
    "claude-sonnet-4-6":
        ("adaptive enabled disabled", "low medium high max",
         "low medium high max", True, False, True, 1024, 1000000, 128000,
         _SONNET, _OLD),
    "claude-opus-4-7":
        ("adaptive disabled", _ALL, _ALL, False, False, True, 2048, 1000000,
         128000, _OPUS, _NEW),
    "claude-opus-4-8":
        ("adaptive disabled", _ALL, _ALL, False, False, True, 1024, 1000000,
         128000, _OPUS, _NEW),
    "claude-opus-5":
        ("adaptive disabled", _ALL, _HIGH, False, False, True, 512, 1000000,
         128000, _OPUS, _NEW),
    "claude-sonnet-5":
        ("adaptive disabled", _ALL, _ALL, False, False, True, 1024, 1000000,
         128000, _SONNET_5, _NEW),
    "claude-sonnet-5-5":
        ("adaptive between_tools", _ALL, _HIGH, False, False, False, 512,
         1000000, 128000, _SONNET_5, _NEW),
    "claude-opus-5-5":
        ("adaptive", _ALL, "", False, False, False, 512, 1000000, 128000,
         ("4", "5", "8", "0.20", "20"), _NEW),
    "claude-fable-5-1":
        ("adaptive", _ALL, "", False, False, False, 512, 1000000, 128000,
         ("10", "12.50", "20", "0.25", "50"), _NEW),
    "claude-haiku-5-5":
        ("adaptive disabled", _ALL, _HIGH, False, False, True, 512, 1000000,
         128000, ("0.10", "0.125", "0.20", "0.01", "0.50"), _NEW),
}

MODELS = {name: dict(zip(_COLUMNS, row)) for name, row in _ROWS.items()}

ALIASES = {
    "claude-haiku-4-5": "claude-haiku-4-5-20251001",
    "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
    "claude-opus-4-5": "claude-opus-4-5-20251101",
}

# Above this prompt length the cheap model costs five times as much.
_LONG_PROMPT = {"claude-haiku-5-5": (100000, 5)}


def find(name):
    """The row of a model, or None when there is no such model (any more)."""
    return MODELS.get(ALIASES.get(name, name))


def cost(name, usage):
    """USD for what a usage object says, as an exact fraction."""
    row = find(name)
    p_in, p_5m, p_1h, p_read, p_out = (Fraction(p) for p in row["price"])
    split = usage.get("cache_creation") or {}
    w_1h = split.get("ephemeral_1h_input_tokens", 0)
    w_5m = (usage.get("cache_creation_input_tokens") or 0) - w_1h
    read = usage.get("cache_read_input_tokens") or 0
    step, factor = _LONG_PROMPT.get(name, (None, 1))
    if step is None or usage["input_tokens"] + w_5m + w_1h + read <= step:
        factor = 1
    return factor * (usage["input_tokens"] * p_in + w_5m * p_5m +
                     w_1h * p_1h + read * p_read +
                     usage["output_tokens"] * p_out) / 10 ** 6
