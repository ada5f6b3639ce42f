"""A message as a stream of events, in order or out of it.

What a step may say of it is in README.md.
"""
import json

# Characters of a text that come in one event.
PIECE = 17


def events(message, step):
    """The bytes of the stream: README.md says what "stream" of a step means."""
    how = step.get("stream", {})
    end = "\r\n" if how.get("crlf") else "\r" if how.get("cr") else "\n"
    out = []

    def say(name, data):
        if name in how.get("without", []):
            return
        raw = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        lines = ["event: " + name] if not how.get("nameless") else []
        # A line break between two members is a blank in JSON.
        lines += ["data: " + part for part in
                  (raw.replace(",\"", ",\n\"", 1).split("\n")
                   if how.get("split_data") else [raw])]
        out.append(end.join(lines) + end + end)

    start = {k: v for k, v in message.items()}
    start.update(content=[], stop_reason=None, stop_details=None)
    start["usage"] = dict(message["usage"] or {}, output_tokens=1)
    if how.get("late_usage"):
        start["usage"] = {"input_tokens": 0, "output_tokens": 0,
                          "cache_creation_input_tokens": 0,
                          "cache_read_input_tokens": 0}
    if how.get("comments"):
        out.append(": hello" + end + end)
    say("message_start", {"type": "message_start", "message": start})
    if how.get("pings"):
        say("ping", {"type": "ping"})
    if how.get("unknown"):
        say("weather", {"type": "weather", "index": 0,
                        "delta": {"type": "text_delta", "text": "rain"}})
    content = message["content"]
    for index, block in enumerate(content if isinstance(content, list) else []):
        if isinstance(block, dict):
            say_block(say, index, block, step)
        if how.get("pings"):
            say("ping", {"type": "ping"})
    if "error" in how:
        say("error", {"type": "error", "error": {
            "type": how["error"], "message": how["error"]}})
        return "".join(out).encode("utf-8", "surrogatepass")
    delta = {"stop_reason": message["stop_reason"],
             "stop_sequence": message["stop_sequence"]}
    if message["stop_details"] is not None:
        delta["stop_details"] = message["stop_details"]
    usage = dict.fromkeys(message["usage"] or {}) if how.get("null_usage") \
        else {}
    if message["usage"] is not None:
        usage["output_tokens"] = message["usage"].get("output_tokens")
    if how.get("late_usage"):
        usage = message["usage"]
    if how.get("twice"):
        say("message_delta", {"type": "message_delta", "delta": {
            "stop_reason": None}, "usage": {"output_tokens": 2}})
    say("message_delta", {"type": "message_delta", "delta": delta,
                          "usage": usage})
    say("message_stop", {"type": "message_stop"})
    raw = ("\ufeff" if how.get("bom") else "") + "".join(out)
    if how.get("unended"):
        raw = raw.rstrip("\r\n")
    return raw.encode("utf-8", "surrogatepass")


def say_block(say, index, block, step):
    """One block of content: begun, filled, ended."""
    text = block.get("text")
    empty = dict(block)
    if isinstance(text, str):
        empty["text"] = ""
    if block.get("type") == "thinking":
        empty.update(thinking="", signature="")
    say("content_block_start", {"type": "content_block_start", "index": index,
                                "content_block": empty})
    if block.get("type") == "thinking":
        say("content_block_delta", {
            "type": "content_block_delta", "index": index,
            "delta": {"type": "signature_delta",
                      "signature": block.get("signature", "")}})
    if isinstance(text, str) and text:
        size = len(text) if "replace" in step else PIECE
        for i in range(0, len(text), size):
            say("content_block_delta", {
                "type": "content_block_delta", "index": index,
                "delta": {"type": "text_delta", "text": text[i:i + size]}})
    say("content_block_stop", {"type": "content_block_stop", "index": index})
