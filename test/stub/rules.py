"""What the real service would refuse: each check returns an error or None.

An error is (status, type, message).  The messages are those that were seen in
the field, word for word where they are known.
"""
import models

INVALID = "invalid_request_error"


def bad(message):
    return 400, INVALID, message


def check_headers(headers):
    """Authentication comes before everything else."""
    key, bearer = headers.get("x-api-key"), headers.get("authorization")
    if key and bearer:
        return 401, "authentication_error", \
            "only one of x-api-key and authorization may be given"
    if not key and not bearer:
        return 401, "authentication_error", "x-api-key header is required"
    if key is not None and key.startswith("revoked"):
        return 401, "authentication_error", "invalid x-api-key"
    if not headers.get("anthropic-version"):
        return bad("anthropic-version: header is required")
    if headers.get("anthropic-version") != "2023-06-01":
        return bad("anthropic-version: unknown version")
    if headers.get("content-type", "").split(";")[0] != "application/json":
        return bad("content-type: must be application/json")
    return None


def check_body(body):
    """The form of a request, then what its model accepts."""
    if not isinstance(body, dict):
        return bad("request body is not valid JSON")
    for field, kind in (("model", str), ("max_tokens", int),
                        ("messages", list)):
        if field not in body:
            return bad("%s: Field required" % field)
        if not isinstance(body[field], kind) or body[field] is True:
            return bad("%s: Input should be a valid %s"
                       % (field, {str: "string", int: "integer",
                                  list: "list"}[kind]))
    unknown = set(body) - KNOWN_FIELDS
    if unknown:
        return bad("%s: Extra inputs are not permitted" % sorted(unknown)[0])
    model = models.find(body["model"])
    if model is None:
        return 404, "not_found_error", "model: %s" % body["model"]
    for check in CHECKS:
        error = check(body, model)
        if error:
            return error
    return None


KNOWN_FIELDS = {
    "model", "max_tokens", "messages", "system", "cache_control", "thinking",
    "output_config", "tools", "tool_choice", "stop_sequences", "stream",
    "temperature", "top_p", "top_k", "metadata", "service_tier",
    "inference_geo",
}


def check_stream(body, model):
    if not isinstance(body.get("stream", False), bool):
        return bad("stream: Input should be a valid boolean")
    if not body.get("stream") and body["max_tokens"] > 21333:
        return bad("streaming is required for operations that may take longer "
                   "than 10 minutes")
    return None


def check_limits(body, model):
    if not 0 <= body["max_tokens"] <= model["max_output"]:
        return bad("max_tokens: %d > %d, which is the maximum allowed number "
                   "of output tokens for %s"
                   % (body["max_tokens"], model["max_output"], body["model"]))
    return None


def check_messages(body, model):
    if not body["messages"]:
        return bad("messages: at least one message is required")
    for message in body["messages"]:
        role = message.get("role") if isinstance(message, dict) else None
        if role == "system" and body["model"].startswith("claude-opus-4-7"):
            return bad("messages: role 'system' is not supported on this model")
        if role not in ("user", "assistant", "system"):
            return bad("messages: Unexpected role")
        if not message.get("content"):
            return bad("messages: all messages must have non-empty content")
    if body["messages"][-1]["role"] == "assistant" and not model["prefill"]:
        return bad("This model does not support assistant message prefill. "
                   "The conversation must end with a user message.")
    return None


def check_sampling(body, model):
    given = [f for f in ("temperature", "top_p", "top_k") if f in body]
    if given and not model["sampling"]:
        return bad("`%s` is deprecated for this model." % given[0])
    if "temperature" in body and "top_p" in body:
        return bad("`temperature` and `top_p` cannot both be specified for "
                   "this model. Please use only one.")
    return None


def check_thinking(body, model):
    thinking = body.get("thinking")
    if thinking is None:
        return None
    kind = thinking.get("type")
    if kind in model["thinking"].split():
        return check_budget(thinking, body) if kind == "enabled" else None
    if kind == "enabled":
        return bad('"thinking.type.enabled" is not supported for this model. '
                   'Use "thinking.type.adaptive" and "output_config.effort" '
                   'to control thinking behavior.')
    if kind == "adaptive":
        return bad("adaptive thinking is not supported on this model")
    return bad('"thinking.type.%s" is not supported for this model.' % kind)


def check_budget(thinking, body):
    budget = thinking.get("budget_tokens", 0)
    if budget < 1024:
        return bad("thinking.budget_tokens: Input should be greater than or "
                   "equal to 1024")
    if budget >= body["max_tokens"]:
        return bad("`max_tokens` must be greater than "
                   "`thinking.budget_tokens`")
    return None


def check_effort(body, model):
    effort = (body.get("output_config") or {}).get("effort")
    if effort is None:
        return None
    if not model["effort"]:
        return bad("This model does not support the effort parameter.")
    levels = model["effort"].split()
    if (body.get("thinking") or {}).get("type") in ("disabled",
                                                    "between_tools"):
        levels = model["off_effort"].split()
    if effort not in levels:
        return bad("output_config.effort: %s is not supported for this model "
                   "with this thinking configuration" % effort)
    return None


def check_tools(body, model):
    kind = (body.get("tool_choice") or {}).get("type")
    if kind in ("any", "tool") and not model["forced_tool"]:
        return bad("tool_choice: forced tool use is not supported for this "
                   "model")
    return None


def check_format(body, model):
    fmt = (body.get("output_config") or {}).get("format")
    if fmt is None:
        return None
    if fmt.get("type") != "json_schema" or "schema" not in fmt:
        return bad("output_config.format: Field required")
    return check_schema(fmt["schema"])


def check_schema(schema):
    if not isinstance(schema, dict):
        return bad("output_config.format.schema: Input should be an object")
    for word in ("minimum", "maximum", "multipleOf", "minLength", "maxLength",
                 "maxItems"):
        if word in schema:
            return bad("output_config.format.schema: For '%s' type, property "
                       "'%s' is not supported"
                       % (schema.get("type", "object"), word))
    if schema.get("type") == "object" and \
            schema.get("additionalProperties") is not False:
        return bad("output_config.format.schema: For 'object' type, "
                   "'additionalProperties' must be explicitly set to false")
    for child in list(schema.get("properties", {}).values()) + \
            [schema[k] for k in ("items",) if k in schema]:
        error = check_schema(child)
        if error:
            return error
    return None


def check_cache(body, model):
    marks = [b["cache_control"] for b in system_blocks(body)
             if b.get("cache_control")]
    if len(marks) > 4:
        return bad("A maximum of 4 blocks with cache_control may be provided. "
                   "Found %d." % len(marks))
    ttls = [m.get("ttl", "5m") for m in marks]
    if "1h" in ttls and "5m" in ttls and \
            max(i for i, t in enumerate(ttls) if t == "1h") > ttls.index("5m"):
        return bad("a ttl='1h' cache_control block must not come after a "
                   "ttl='5m' cache_control block")
    return None


def system_blocks(body):
    """The instructions as a list of blocks, in either form."""
    system = body.get("system") or []
    if isinstance(system, str):
        return [{"type": "text", "text": system}]
    return system


CHECKS = (check_stream, check_limits, check_messages, check_sampling, check_thinking,
          check_effort, check_tools, check_format, check_cache)
