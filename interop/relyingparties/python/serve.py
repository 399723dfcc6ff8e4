"""Serves the FIDO server conformance interface for a library of relying parties.

It does what libraries leave to their callers: sessions of one ceremony each, accounts,
whose credential it is, that no credential is registered twice, and that a user handle is
the user's. What is in an answer it leaves to the library.
"""

import json
import os
import re
import secrets
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RP_ID = "rp.example"
RP_NAME = "Judged"
ORIGIN = "https://rp.example"

MOST_BYTES = 1 << 20


class Refusal(Exception):
    """Refuses a request for a reason that libraries know nothing of."""


@dataclass
class User:
    name: str
    display_name: str
    id: bytes = field(default_factory=lambda: os.urandom(32))
    credentials: dict = field(default_factory=dict)  # by credential ID, base64url


@dataclass
class Session:
    kind: str
    user: User
    state: object  # what the library wants back


def base64url(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def raw_id_of(credential_id):
    """What the interface, which has id alone, leaves out."""
    if not isinstance(credential_id, str) or not re.fullmatch(r"[A-Za-z0-9_-]+", credential_id):
        raise Refusal("id is not base64url")
    return base64url(urlsafe_b64decode(credential_id + "=" * (-len(credential_id) % 4)))


class Server:
    """A library has creation_options, register, request_options and login."""

    def __init__(self, library):
        self.library = library
        self.lock = threading.Lock()
        self.users = {}
        self.sessions = {}
        self.registered = set()

    def options(self, kind, asked):
        name = asked.get("username")
        if not isinstance(name, str) or not name:
            raise Refusal("no username")
        user = self.users.get(name)
        if kind == "assertion":
            if not user or not user.credentials:
                raise Refusal("no such user")
            given, state = self.library.request_options(user, asked)
        else:
            if not isinstance(asked.get("displayName"), str):
                raise Refusal("no displayName")
            user = user or User(name, asked["displayName"])
            given, state = self.library.creation_options(user, asked)
            self.users[name] = user
        if "extensions" in asked:  # of which libraries know only some
            given["extensions"] = asked["extensions"]
        cookie = secrets.token_hex(16)
        self.sessions[cookie] = Session(kind, user, state)
        return given, cookie

    def result(self, kind, answer, cookie):
        session = self.sessions.pop(cookie, None)
        if not session or session.kind != kind:
            raise Refusal("nothing was asked")
        if answer.get("type") != "public-key":
            raise Refusal("type is another")
        answer.setdefault("rawId", raw_id_of(answer.get("id")))
        answer.setdefault("clientExtensionResults", answer.get("getClientExtensionResults"))
        user = session.user
        if kind == "attestation":
            made_id, made = self.library.register(answer, session.state)
            if made_id in self.registered:
                raise Refusal("that credential is registered already")
            self.registered.add(made_id)
            user.credentials[made_id] = made
            return
        made_id = answer.get("id")
        if not isinstance(made_id, str) or made_id not in user.credentials:
            raise Refusal("that credential is not the user's")
        handle = answer.get("response", {}).get("userHandle")
        if handle not in (None, "") and handle != base64url(user.id):
            raise Refusal("the user handle is not the user's")
        user.credentials[made_id] = self.library.login(answer, session.state, user.credentials[made_id])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body, cookie, status = {"status": "ok", "errorMessage": ""}, None, 200
        try:
            given, cookie = self.carry_out()
            body = given | body
        except Exception as refusal:  # whatever a library raises is how it refuses
            status = 400
            body = {"status": "failed", "errorMessage": f"{type(refusal).__name__}: {refusal}"}
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if cookie:
            self.send_header("Set-Cookie", f"session={cookie}; Path=/; HttpOnly")
        self.end_headers()
        self.wfile.write(text)

    def carry_out(self):
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= MOST_BYTES:
            self.close_connection = True
            raise Refusal("too long")
        asked = json.loads(self.rfile.read(length).decode("utf-8"))
        if not isinstance(asked, dict):
            raise Refusal("no object")
        _, kind, step = self.path.split("/")
        if kind not in ("attestation", "assertion") or step not in ("options", "result"):
            raise Refusal("no such route")
        served = self.server.served
        with served.lock:
            if step == "options":
                return served.options(kind, asked)
            cookies = SimpleCookie(self.headers.get("Cookie", ""))
            served.result(kind, asked, cookies["session"].value if "session" in cookies else None)
        return {}, None

    def log_message(self, *_):
        """Says nothing: what matters is in the answers."""


def serve(library):
    """Listens on a free port of the loopback interface, and prints its address."""
    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    listener.served = Server(library)
    print(f"http://127.0.0.1:{listener.server_address[1]}", flush=True)
    listener.serve_forever()
