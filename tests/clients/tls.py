"""The server behind TLS at the address that clients take for a GitLab's, for those that speak nothing else."""

import contextlib
import pathlib
import socket
import ssl
import subprocess
import threading
import urllib.parse

HOST = "gitlab.example.com"


class Proxy:
    """A proxy at `url` that leads every https connection to the server; `certificate` is a file that vouches for `HOST`."""

    def __init__(self, server_url, folder):
        self.server = urllib.parse.urlsplit(server_url)
        self.certificate, key = pathlib.Path(folder, "certificate.pem"), pathlib.Path(folder, "key.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", key, "-out", self.certificate],
            check=True, capture_output=True,
        )
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        # A client that does not trust the certificate ends the handshake.
        with contextlib.suppress(OSError):
            asked = client.makefile("rb", buffering=0)
            while asked.readline() not in (b"\r\n", b""):
                pass
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            client = self.context.wrap_socket(client, server_side=True)
            server = socket.create_connection((self.server.hostname, self.server.port))
            threading.Thread(target=pass_on, args=(server, client), daemon=True).start()
            pass_on(client, server)


def pass_on(source, sink):
    """Copies bytes until one end closes."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
