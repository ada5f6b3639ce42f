"""What servers of chat completions would refuse.

Strict where any of them is: a request that passes here passes at vLLM,
llama.cpp, Ollama and LiteLLM.  An error is (status, type, message).
"""
import rules

INVALID = "invalid_request_error"

# Models that this server has; a name beyond these is unknown.
MODELS = {
    "local-model": {"reasoning": False}, "qwen2.5-coder:7b": {"reasoning": False},
    "org/model-8b": {"reasoning": False}, "gateway-model": {"reasoning": True},
}

KNOWN_FIELDS = {
    "model", "messages", "max_tokens", "max_completion_tokens", "temperature",
    "top_p", "stream", "response_format", "reasoning_effort", "stop", "seed",
}


def bad(message):
    return 400, INVALID, message


def check_headers(headers):
    bearer = headers.get("authorization", "")
    if not bearer.startswith("Bearer ") or len(bearer) <= len("Bearer "):
        return 401, "authentication_error", "Invalid API Key"
    if bearer.startswith("Bearer revoked"):
        return 401, "authentication_error", "Invalid API Key"
    for name in ("x-api-key", "anthropic-version"):
        if name in headers:
            return bad("%s: not a header of this protocol" % name)
    if headers.get("content-type", "").split(";")[0] != "application/json":
        return bad("content-type: must be application/json")
    return None


def check_body(body):
    if not isinstance(body, dict):
        return bad("request body is not valid JSON")
    unknown = set(body) - KNOWN_FIELDS
    if unknown:
        return bad("Unrecognized request argument: %s" % sorted(unknown)[0])
    if body.get("model") not in MODELS:
        return 404, "not_found_error", \
            "model '%s' not found" % body.get("model")
    reasoning = MODELS[body["model"]]["reasoning"]
    limit = "max_completion_tokens" if reasoning else "max_tokens"
    if not isinstance(body.get(limit), int) or body[limit] < 1:
        return bad("%s: a positive integer is needed" % limit)
    if reasoning and ("max_tokens" in body or "temperature" in body):
        return bad("Unsupported parameter: not supported with this model")
    if not reasoning and "reasoning_effort" in body:
        return bad("Unsupported parameter: 'reasoning_effort' is not "
                   "supported with this model.")
    if body.get("stream") not in (None, False):
        return bad("stream: not here")
    return check_messages(body) or check_format(body)


def check_messages(body):
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return bad("messages: a list is needed")
    roles = [m.get("role") for m in messages if isinstance(m, dict)]
    if roles not in (["system", "user"], ["user"]):
        return bad("messages: roles must be system and user")
    if not all(isinstance(m.get("content"), str) and m["content"]
               for m in messages):
        return bad("messages: content must be a text")
    return None


def check_format(body):
    form = body.get("response_format")
    if form is None:
        return None
    inner = form.get("json_schema") or {}
    if form.get("type") != "json_schema" or not inner.get("name") or \
            inner.get("strict") is not True or "schema" not in inner:
        return bad("response_format: json_schema with name, strict and schema")
    return rules.check_schema(inner["schema"])
