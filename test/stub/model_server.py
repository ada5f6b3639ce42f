#!/usr/bin/env python3
"""A model server on loopback that can be right, slow, cut off, or wrong.

It speaks the Messages protocol over HTTP and TLS, holds requests to the rules
of the real service, and misbehaves as a script tells it to.  README.md
describes the script.  Standard library only.
"""
import argparse
import base64
import hashlib
import json
import os
import random
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import models
import rules
import rules_openai
import stream

MAX_BODY = 32 * 1024 * 1024
HTML = "<html><head><title>%d</title></head><body><h1>%d</h1></body></html>\n"
ERROR_TYPES = {
    400: "invalid_request_error", 401: "authentication_error",
    402: "billing_error", 403: "permission_error", 404: "not_found_error",
    409: "conflict_error", 413: "request_too_large", 429: "rate_limit_error",
    500: "api_error", 504: "timeout_error", 529: "overloaded_error",
}


class State:
    """What the server knows; every member is guarded by the condition."""

    def __init__(self):
        self.changed = threading.Condition()
        self.held = 0
        self.reset()

    def reset(self):
        with self.changed:
            self.script = []
            self.requests = []
            self.connections = 0
            self.cache = {}
            self.serial = 0
            self.released = 0
            self.most_held = self.held
            self.changed.notify_all()

    def take(self, body, on_accept=False):
        """The first step of the script that applies, used up by one."""
        with self.changed:
            for step in self.script:
                if on_accept != (step.get("do") == "accept_close"):
                    if on_accept:
                        return None     # the request has to be read first
                    continue
                if not applies(step, body):
                    continue
                times = step.get("times", 1)
                if times > 0:
                    step["times"] = times - 1
                    if times == 1:
                        self.script.remove(step)
                return step
        return None

    def add(self, request):
        with self.changed:
            self.serial += 1
            request["n"] = self.serial
            self.requests.append(request)
            self.changed.notify_all()
        return request

    def hold(self, n):
        """So many clients more are made to wait."""
        with self.changed:
            self.held += n
            self.most_held = max(self.held, self.most_held)

    def note(self, request, **what):
        with self.changed:
            request.update(what)
            self.changed.notify_all()


STATE = State()


def applies(step, body):
    match = step.get("match") or {}
    if "model" in match and (not isinstance(body, dict) or
                             body.get("model") != match["model"]):
        return False
    if "contains" in match:
        question = json.dumps(body.get("messages"), ensure_ascii=False) \
            if isinstance(body, dict) else ""
        return match["contains"] in question
    return True


class Closed(Exception):
    """The client went away, or the script says that we do."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "stub"
    sys_version = ""

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with STATE.changed:
            STATE.connections += 1
            self.connection_id = STATE.connections
        self.requests_here = 0

    def handle(self):
        try:
            if STATE.take(None, on_accept=True):
                return
            super().handle()
        except (Closed, ConnectionError, ssl.SSLError, socket.timeout):
            self.close_connection = True

    def log_message(self, *args):
        pass

    # The administrator's side

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/_stub/record":
            return self.admin(self.record())
        if url.path == "/_stub/wait":
            return self.admin(self.wait(query))
        if url.path == "/v1/models":
            return self.send(200, json.dumps(
                {"data": [{"type": "model", "id": m} for m in models.MODELS],
                 "has_more": False}), {})
        return self.refuse(404, "not_found_error", "Not found")

    def record(self):
        with STATE.changed:
            return {"requests": STATE.requests,
                    "connections": STATE.connections,
                    "most_held": STATE.most_held,
                    "script": STATE.script,
                    "billed": str(sum((models.Fraction(r["cost"])
                                       for r in STATE.requests
                                       if r.get("cost")), models.Fraction()))}

    def wait(self, query):
        """Waits until so many requests have come, or so many clients left."""
        def there():
            gone = sum(1 for r in STATE.requests if r.get("client_closed"))
            return len(STATE.requests) >= int(query.get("requests", 0)) and \
                gone >= int(query.get("closed", 0))
        with STATE.changed:
            return {"there": STATE.changed.wait_for(
                there, float(query.get("seconds", 30)))}

    def admin(self, what):
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        if self.path.startswith("http://"):
            # Asked as a proxy would be: we are whatever server is wanted.
            self.via = self.path
            self.path = urllib.parse.urlsplit(self.path).path
        if self.path in ("/v1/messages", "/v1/chat/completions"):
            return self.answer_message()
        body = self.read_body()
        if self.path == "/_stub/script":
            script = json.loads(body)
            if isinstance(script, dict):
                script = [script]
            with STATE.changed:
                STATE.script.extend(script)
            return self.admin({"steps": len(script)})
        if self.path == "/_stub/reset":
            STATE.reset()
            return self.admin({})
        if self.path == "/_stub/release":
            with STATE.changed:
                STATE.released += 1
                STATE.changed.notify_all()
            return self.admin({})
        return self.refuse(404, "not_found_error", "Not found")

    # The models' side

    def read_body(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            raise OverflowError
        body = self.rfile.read(length)
        if len(body) < length:
            raise Closed
        return body

    def answer_message(self):
        self.requests_here += 1
        self.released_before = STATE.released
        try:
            raw = self.read_body()
        except OverflowError:
            # The edge answers, before the service: no envelope, no id.
            STATE.add({"path": self.path, "status": 413, "violations": []})
            return self.send(413, HTML % (413, 413),
                             {"Content-Type": "text/html"}, edge=True)
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        headers = {k.lower(): v for k, v in self.headers.items()}
        self.openai = self.path == "/v1/chat/completions"
        book = rules_openai if self.openai else rules
        error = book.check_headers(headers) or book.check_body(body)
        self.request_record = STATE.add({
            "path": self.path, "via": getattr(self, "via", None),
            "connection": self.connection_id,
            "reused": self.requests_here > 1,
            "headers": redact(headers), "body": body, "bytes": len(raw),
            "violations": [] if error is None else [error[2]],
            "started": time.time(),
        })
        step = STATE.take(body) or {"do": "answer"}
        STATE.note(self.request_record, did=step.get("do", "answer"))
        if step.get("delay_ms"):
            self.pause(step["delay_ms"] / 1000.0)
        if step.get("do", "answer") == "answer" and error is not None:
            return self.refuse(*error)
        return BEHAVIOURS[step.get("do", "answer")](self, step, body)

    def pause(self, seconds, until_release=False):
        """Waits, and ends the exchange if the client leaves meanwhile."""
        end = time.monotonic() + seconds
        release = self.released_before
        STATE.hold(1)
        try:
            while time.monotonic() < end:
                if until_release and STATE.released > release:
                    return
                if self.client_left(min(0.02, max(0, end - time.monotonic()))):
                    STATE.note(self.request_record, client_closed=True)
                    raise Closed
        finally:
            STATE.hold(-1)

    def client_left(self, seconds):
        self.connection.settimeout(seconds)
        try:
            if isinstance(self.connection, ssl.SSLSocket):
                return self.connection.recv(1) == b""
            return self.connection.recv(1, socket.MSG_PEEK) == b""
        except (TimeoutError, ssl.SSLWantReadError):
            return False
        except (ConnectionError, ssl.SSLError, OSError):
            return True
        finally:
            self.connection.settimeout(None)

    def say(self, step, body):
        """The behaviour "answer": what the model writes, and the bill."""
        if "text" in step:
            text = step["text"]
        else:
            text = json.dumps({
                "answerable": step.get("answerable", True),
                "tables": step.get("tables", []),
                "assumptions": step.get("assumptions", []),
                "sql": step.get("sql", "SELECT 1 AS one")},
                ensure_ascii=step.get("ascii", False))
        content = [{"type": "text", "text": text, "citations": None}]
        if "thinking" in step:
            content.insert(0, {"type": "thinking",
                               "thinking": step["thinking"],
                               "signature": "EuStubSig=="})
        if "content" in step:
            content = step["content"]
        model = step.get("model", body.get("model"))
        usage = self.bill(body, text, step)
        message = {
            "id": "msg_01Stub%06d" % self.request_record["n"],
            "type": "message", "role": "assistant", "model": model,
            "content": content,
            "stop_reason": step.get("stop_reason", "end_turn"),
            "stop_sequence": None,
            "stop_details": step.get("stop_details"),
            "container": None, "usage": usage,
        }
        STATE.note(self.request_record, usage=usage, model=model,
                   cost=str(models.cost(body["model"], usage))
                   if models.find(body["model"]) else "0")
        if self.openai:
            raw = json.dumps(as_completion(message, step), ensure_ascii=False,
                             separators=(",", ":")).encode("utf-8",
                                                           "surrogatepass")
        elif streams(body) and not step.get("whole"):
            raw = stream.events(message, step)
        else:
            raw = json.dumps(message, ensure_ascii=False, separators=(
                ",", ":")).encode("utf-8", "surrogatepass")
        for old, new in step.get("replace", {}).items():
            raw = raw.replace(old.encode(), new.encode("latin-1"))
        return raw

    def bill(self, body, text, step):
        """Tokens by length, and what of the prompt was in the cache."""
        model = models.find(body["model"])
        per_kb = model["tokens_per_kb"] if model else 250

        def tokens(what):
            return -(-len(what.encode("utf-8", "replace")) * per_kb // 1000)

        setting = json.dumps([self.headers.get("x-api-key"), body["model"],
                              body.get("thinking"), body.get("output_config")],
                             sort_keys=True)
        digest, total, marks = hashlib.sha256(setting.encode()), 0, []
        for block in rules.system_blocks(body):
            digest.update(json.dumps(block.get("text")).encode())
            total += tokens(block.get("text", ""))
            if block.get("cache_control"):
                marks.append((digest.hexdigest(), total,
                              block["cache_control"].get("ttl", "5m")))
        prompt = total + tokens(json.dumps(body["messages"],
                                           ensure_ascii=False))
        read, written = self.look_in_cache(
            [m for m in marks if model and m[1] >= model["cache_min"]])
        usage = {
            "input_tokens": prompt - read - sum(written.values()),
            "cache_creation_input_tokens": sum(written.values()),
            "cache_read_input_tokens": read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": written["5m"],
                "ephemeral_1h_input_tokens": written["1h"]},
            "output_tokens": max(1, tokens(text)),
            "output_tokens_details": {"thinking_tokens": 0},
            "server_tool_use": None, "service_tier": "standard",
            "inference_geo": "global",
        }
        usage.update(step.get("usage", {}))
        return usage

    @staticmethod
    def look_in_cache(marks):
        """The longest known prefix is read; what is marked beyond is written."""
        now, read, written = time.time(), 0, {"5m": 0, "1h": 0}
        with STATE.changed:
            for digest, total, ttl in reversed(marks):
                if STATE.cache.get(digest, 0) > now:
                    read = total
                    break
            before = read
            for digest, total, ttl in marks:
                STATE.cache[digest] = now + (3600 if ttl == "1h" else 300)
                if total > before:
                    written[ttl] += total - before
                    before = total
        return read, written

    # Sending

    def refuse(self, status, kind, message, details=..., headers=None):
        error = {"type": kind, "message": message}
        if details is not ...:
            error = {"details": details, **error}
        number = getattr(self, "request_record", {"n": 0})["n"]
        body = {"type": "error", "error": error,
                "request_id": "req_011Stub%06d" % number}
        if getattr(self, "openai", False):
            body = {"error": {"message": message, "type": kind, "param": None,
                              "code": status}}
        return self.send(status, json.dumps(body), headers or {})

    def send(self, status, body, headers, edge=False, **how):
        """A whole response; "how": chunked, cut, drip_ms, drip_bytes, ..."""
        if isinstance(body, str):
            body = body.encode()
        record = getattr(self, "request_record", {"n": 0})
        STATE.note(record, status=status)
        fields = {"Content-Type": "application/json"}
        if not edge:
            fields["request-id"] = "req_011Stub%06d" % record["n"]
        if 200 <= status < 300:
            fields["anthropic-organization-id"] = "org-stub"
            fields.update(rate_limit_headers())
        fields.update(headers)
        chunked = how.get("chunked")
        if chunked:
            fields["Transfer-Encoding"] = "chunked"
        elif not how.get("until_close"):
            fields["Content-Length"] = str(len(body))
        self.send_response_only(status)
        for name, value in fields.items():
            self.send_header(name, value)
        if how.get("close") or how.get("until_close"):
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if how.get("stall_ms"):
            self.wfile.flush()
            self.pause(how["stall_ms"] / 1000.0, until_release=True)
        if "cut" in how:
            self.write(body[:how["cut"]], chunked)
            raise Closed
        step = how.get("drip_bytes") or len(body) or 1
        for i in range(0, len(body), step):
            self.write(body[i:i + step], chunked)
            if how.get("drip_ms"):
                self.pause(how["drip_ms"] / 1000.0)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()
        return None

    def write(self, data, chunked):
        if chunked and data:
            data = b"%x\r\n%s\r\n" % (len(data), data)
        self.wfile.write(data)


def rate_limit_headers():
    fields = {}
    for what in ("requests", "tokens", "input-tokens", "output-tokens"):
        name = "anthropic-ratelimit-%s-" % what
        fields[name + "limit"] = "2000000"
        fields[name + "remaining"] = "1999000"
        fields[name + "reset"] = "2026-11-23T00:00:00Z"
    return fields


def redact(headers):
    """Secrets are recorded by their length and hash."""
    shown = dict(headers)
    for name in ("x-api-key", "authorization"):
        if name in shown:
            secret = shown[name].encode("latin-1")
            shown[name] = {"length": len(secret),
                           "sha256": hashlib.sha256(secret).hexdigest()}
    return shown


# One function a behaviour; README.md lists what each step may say.

HOW = ("chunked", "close", "until_close", "cut", "drip_ms", "drip_bytes",
       "stall_ms")


def how(step):
    return {k: step[k] for k in HOW if k in step}


STOPS = {"end_turn": "stop", "max_tokens": "length", "refusal":
         "content_filter", "tool_use": "tool_calls"}


def as_completion(message, step):
    """The same answer in the form of chat completions."""
    usage = message["usage"] or {}
    cached = usage.get("cache_read_input_tokens") or 0
    prompt = usage.get("input_tokens", 0) + cached
    content = message["content"]
    text = "".join(b.get("text", "") for b in content
                   if b.get("type") == "text") if content else None
    said = {"role": "assistant", "content": text}
    if "thinking" in step:
        said["reasoning_content"] = step["thinking"]
    return {
        "id": "chatcmpl-stub", "object": "chat.completion", "created": 1,
        "model": message["model"],
        "choices": [{"index": 0, "message": said, "finish_reason":
                     STOPS.get(message["stop_reason"],
                               message["stop_reason"])}],
        "usage": {"prompt_tokens": prompt,
                  "completion_tokens": usage.get("output_tokens", 0),
                  "total_tokens": prompt + usage.get("output_tokens", 0),
                  "prompt_tokens_details": {"cached_tokens": cached}}}


def streams(body):
    return isinstance(body, dict) and body.get("stream") is True


def do_answer(self, step, body):
    headers, further = step.get("headers", {}), how(step)
    if streams(body) and not self.openai and not step.get("whole"):
        headers = {"Content-Type": "text/event-stream; charset=utf-8",
                   **headers}
        if "until_close" not in further:
            further.setdefault("chunked", True)
    self.send(step.get("status", 200), self.say(step, body), headers,
              **further)


def do_error(self, step, body):
    status = step["status"]
    kind = step.get("type", ERROR_TYPES.get(status, "api_error"))
    details = step["details"] if "details" in step else ...
    error = {"type": kind, "message": step.get("message", kind)}
    if self.openai:
        return self.send(status, json.dumps({"error": {
            **error, "param": None, "code": step.get("code", status)}}),
            step.get("headers", {}), **how(step))
    if details is not ...:
        error = {"details": details, **error}
    self.send(status, json.dumps(
        {"type": "error", "error": error,
         "request_id": "req_011Stub%06d" % self.request_record["n"]}),
        step.get("headers", {}), **how(step))


def do_html(self, step, body):
    status = step.get("status", 502)
    self.send(status, HTML % (status, status),
              {"Content-Type": "text/html", **step.get("headers", {})},
              edge=True, **how(step))


def do_body(self, step, body):
    raw = base64.b64decode(step["base64"]) if "base64" in step \
        else step.get("text", "").encode()
    if "repeat" in step:
        raw *= step["repeat"]
    self.send(step.get("status", 200), raw, step.get("headers", {}),
              **how(step))


def do_garbage(self, step, body):
    self.wfile.write(base64.b64decode(step["base64"]) if "base64" in step
                     else b"\x16\x03\x01 this is not HTTP\r\n\r\n")
    self.wfile.flush()
    raise Closed


def do_read_close(self, step, body):
    raise Closed


def do_reset(self, step, body):
    """An RST, after "bytes" of an answer have gone out."""
    if step.get("bytes"):
        self.wfile.write((b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" +
                          b" " * 100000)[:step["bytes"]])
        self.wfile.flush()
    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack("ii", 1, 0))
    if not isinstance(self.connection, ssl.SSLSocket):
        self.connection.close()
    raise Closed


def do_stall(self, step, body):
    """Nothing comes, not even headers, until released; then an answer."""
    self.pause(step.get("ms", 60000) / 1000.0, until_release=True)
    do_answer(self, step, body)


def do_chaos(self, step, body):
    """One of "ways" as often as "share" says, else an answer."""
    way = step
    if random.random() < step["share"]:
        way = random.choice(step["ways"])
    do = way.get("do", "answer") if way is not step else "answer"
    STATE.note(self.request_record, did=do)
    BEHAVIOURS[do](self, way, body)


def do_redirect(self, step, body):
    self.send(step.get("status", 302), "", {"Location": step["location"]},
              **how(step))


def do_many_headers(self, step, body):
    """Headers without end, of so many bytes."""
    self.wfile.write(b"HTTP/1.1 200 OK\r\n")
    line = b"X-Filler: " + b"x" * 988 + b"\r\n"
    for _ in range(step.get("bytes", 1000000) // len(line)):
        self.wfile.write(line)
    self.send(200, self.say(step, body), {})


BEHAVIOURS = {
    "answer": do_answer, "error": do_error, "html": do_html, "body": do_body,
    "garbage": do_garbage, "read_close": do_read_close, "reset": do_reset,
    "stall": do_stall, "redirect": do_redirect,
    "many_headers": do_many_headers, "chaos": do_chaos,
}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A client that does not like our certificate is no news."""
        if not isinstance(sys.exc_info()[1], (OSError, Closed)):
            super().handle_error(request, client_address)

    def finish_request(self, request, client_address):
        # In the thread of the connection: a slow handshake holds nobody up.
        if getattr(self, "tls", None):
            request.settimeout(30)
            request = self.tls.wrap_socket(request, server_side=True)
            request.settimeout(None)
        super().finish_request(request, client_address)


def make_certificate(directory):
    """A certificate for 127.0.0.1 that is its own authority."""
    cert = os.path.join(directory, "stub.crt")
    key = os.path.join(directory, "stub.key")
    if not os.path.exists(cert):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=stub", "-addext", "subjectAltName=IP:127.0.0.1",
             "-keyout", key, "-out", cert],
            check=True, stderr=subprocess.DEVNULL)
        os.chmod(key, 0o600)
    return cert, key


def serve(tls=None, port=0):
    server = Server(("127.0.0.1", port), Handler)
    server.tls = tls
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--info", help="file to write the addresses to")
    parser.add_argument("--tls-dir", help="serve TLS, with a key made here")
    parser.add_argument("--script", help="file with the first steps, JSON")
    parser.add_argument("--port", type=int, default=0,
                        help="for plain HTTP; default: any that is free")
    parser.add_argument("--stdin", action="store_true",
                        help="end when standard input does")
    args = parser.parse_args()

    info = {"http": "http://127.0.0.1:%d" % serve(port=args.port), "pid": os.getpid()}
    if args.tls_dir:
        cert, key = make_certificate(args.tls_dir)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(cert, key)
        info["https"] = "https://127.0.0.1:%d" % serve(tls)
        info["ca_file"] = os.path.abspath(cert)
    if args.script:
        with open(args.script) as f:
            STATE.script = json.load(f)
    if args.info:
        with open(args.info + ".new", "w") as f:
            json.dump(info, f)
        os.rename(args.info + ".new", args.info)
    else:
        print(json.dumps(info), flush=True)
    if args.stdin:
        sys.stdin.read()
    else:
        threading.Event().wait()


if __name__ == "__main__":
    main()
