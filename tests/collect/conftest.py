"""A real web server on loopback whose answers a test writes, and which remembers what it was asked."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Web:
    """`pages` gives the answer to each path; `asked` lists (path with query, headers), `sent` the bodies of POST."""

    scheme: str
    port: int
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    @staticmethod
    def answer(body: bytes = b"", status: int = 200, **headers: str) -> Answer:
        """An answer with its true Content-Length, unless another is given; `_` in header names stands for `-`."""

        def write(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            for name, value in ({"Content-Length": str(len(body))} | names).items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body)

        return write

    @staticmethod
    def in_turn(*answers: Answer) -> Answer:
        """Each answer once, the last one from then on."""
        left = list(answers)

        def write(handler: BaseHTTPRequestHandler) -> None:
            (left.pop(0) if len(left) > 1 else left[0])(handler)

        return write

    @staticmethod
    def raw(data: bytes) -> Answer:
        """These bytes on the wire and nothing else."""

        def write(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(data)

        return write


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Web]:
    """A server on a free port of 127.0.0.1, with TLS if there is a certificate (PEM with its key)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.asked.append((self.path, dict(self.headers)))
            self.close_connection = True
            page = web.pages.get(self.path.partition("?")[0], Web.answer(b"nothing here", 404))
            try:
                page(self)
            except (BrokenPipeError, ConnectionResetError):
                return  # the client had enough: that is what some tests are about

        def do_POST(self) -> None:
            web.sent.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            return  # a refused TLS handshake, which the client's side of the test checks

    server = Server(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    web = Web("https" if certificate else "http", server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def make_certificate(folder: Path, *names: str) -> Path:
    """A self-made certificate for these names and 127.0.0.1, with its key; it is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    today = dt.datetime.now(dt.UTC)
    subjects = [*(x509.DNSName(n) for n in names), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(subjects), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture
def web() -> Iterator[Web]:
    """A plain HTTP server."""
    with serving() as server:
        yield server


@pytest.fixture
def other_web() -> Iterator[Web]:
    """A second one, on another port."""
    with serving() as server:
        yield server


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-made certificate for feeds.example and 127.0.0.1."""
    return make_certificate(tmp_path, "feeds.example")


@pytest.fixture
def tls_web(certificate: Path) -> Iterator[Web]:
    """An HTTPS server with the self-made certificate."""
    with serving(certificate) as server:
        yield server
