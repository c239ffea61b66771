# SPDX-License-Identifier: Apache-2.0
"""A company's network, for company_test.sh: company.py FOLDER ADDRESS

Listens at ADDRESS with the only way out, a forwarding proxy that ends TLS with certificates of its own authority
(FOLDER/company.pem, .key), and serves what lies outside at loopback, which nobody but the proxy finds:
  registry.company.test  images, for ann with the password 'secret' alone
  mirror.company.test    the same images, as a mirror of Docker Hub
  images.company.test    the files of FOLDER/site
Their certificates are of another authority (FOLDER/world.pem, .key). The image is FOLDER/image.tar, as Docker saves it.
While FOLDER/password exists, the proxy wants what it holds ("user:password"); for expired.company.test it shows a
certificate that has run out. Each request that it takes is a line of FOLDER/requests; FOLDER/port is written at last.
"""
import base64
import hashlib
import http.client
import http.server
import json
import os
import select
import socket
import socketserver
import ssl
import subprocess
import sys
import tarfile
import threading

folder, address = sys.argv[1], sys.argv[2]
certificates = threading.Lock()


def path(name):
    return os.path.join(folder, name)


def certificate(authority, host):
    """The files of a certificate for a host, and of its key."""
    with certificates:
        stem = path(f"{authority}-{host}")
        if not os.path.exists(stem + ".pem"):
            days = "0" if host.startswith("expired.") and authority == "company" else "2"
            subprocess.run(f"openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN={host} -keyout {stem}.key -out {stem}.csr && "
                           f"printf 'subjectAltName=DNS:{host}' > {stem}.ext && openssl x509 -req -in {stem}.csr -CA {path(authority)}.pem "
                           f"-CAkey {path(authority)}.key -CAcreateserial -days {days} -extfile {stem}.ext -out {stem}.pem",
                           shell=True, check=True, capture_output=True)
        return stem + ".pem", stem + ".key"


def served_by(authority, host):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(authority, host))
    return context


# What lies outside.
blobs = {}


def blob(content):
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    blobs[digest] = content
    return {"digest": digest, "size": len(content)}


def read_image():
    with tarfile.open(path("image.tar")) as archive:
        def content(name):
            return archive.extractfile(name).read()
        image = json.loads(content("manifest.json"))[0]
        kind = "application/vnd.oci.image."
        manifest = {"schemaVersion": 2, "mediaType": kind + "manifest.v1+json",
                    "config": {"mediaType": kind + "config.v1+json", **blob(content(image["Config"]))},
                    "layers": [{"mediaType": kind + "layer.v1.tar", **blob(content(layer))} for layer in image["Layers"]]}
    return blob(json.dumps(manifest).encode())["digest"]


class Outside(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, content=b"", kind="application/octet-stream", **headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def do_GET(self):
        host = self.headers.get("Host", "").split(":")[0]
        login = "Basic " + base64.b64encode(b"ann:secret").decode()
        if host == "registry.company.test" and self.headers.get("Authorization") != login:
            return self.answer(401, b'{"errors":[{"code":"UNAUTHORIZED"}]}', "application/json", WWW_Authenticate='Basic realm="company"')
        where = self.path.split("?")[0]
        if host == "images.company.test":
            file = path("site" + where)
            return self.answer(200, open(file, "rb").read()) if os.path.isfile(file) else self.answer(404)
        name = where.split("/")[-1]
        if where == "/v2/":
            return self.answer(200, b"{}", "application/json")
        if "/manifests/" in where:
            name = name if name.startswith("sha256:") else manifest
            return self.answer(200, blobs[name], "application/vnd.oci.image.manifest.v1+json", Docker_Content_Digest=name)
        return self.answer(200, blobs[name]) if name in blobs else self.answer(404)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


def outside(context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Outside)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


# The way out.
def send(end, piece):
    while piece:
        try:
            piece = piece[end.send(piece):]
        except (ssl.SSLWantWriteError, BlockingIOError):
            select.select([], [end], [])


def pass_on(one, other):
    """Hands on what comes until an end has enough; in one thread, as a TLS socket is not for two."""
    peers = {one: other, other: one}
    for end in peers:
        end.setblocking(False)
    while True:
        for end in [end for end in peers if end.pending()] or select.select(list(peers), [], [])[0]:
            try:
                piece = end.recv(65536)
            except ssl.SSLWantReadError:
                continue
            except OSError:
                return
            if not piece:
                return
            send(peers[end], piece)


class Proxy(socketserver.StreamRequestHandler):
    def refuse(self, status, *headers):
        self.wfile.write("\r\n".join([f"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close", *headers, "", ""]).encode())

    def handle(self):
        method, target, _ = self.rfile.readline().decode().split()
        headers = http.client.parse_headers(self.rfile)
        with open(path("requests"), "a") as log:
            log.write(f"{method} {target}\n")
        if os.path.exists(path("password")):
            wanted = "Basic " + base64.b64encode(open(path("password"), "rb").read().strip()).decode()
            if headers.get("Proxy-Authorization") != wanted:
                return self.refuse("407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="company"')
        host = target.removeprefix("http://").split("/")[0].split(":")[0]
        if not host.endswith(".company.test"):
            return self.refuse("403 Forbidden")
        if method != "CONNECT":
            return self.forward(method, host, target)
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            inner = served_by("company", host).wrap_socket(self.connection, server_side=True)
        except (OSError, ssl.SSLError):
            return None  # the certificate was not trusted
        trusted = ssl.create_default_context(cafile=path("world.pem"))
        outer = trusted.wrap_socket(socket.create_connection(("127.0.0.1", tls_port)), server_hostname=host)
        with inner, outer:
            return pass_on(inner, outer)

    def forward(self, method, host, target):
        onward = http.client.HTTPConnection("127.0.0.1", plain_port)
        onward.request(method, "/" + target.removeprefix("http://").partition("/")[2], headers={"Host": host})
        answer = onward.getresponse()
        body = answer.read()
        self.wfile.write(f"HTTP/1.1 {answer.status} {answer.reason}\r\nContent-Length: {answer.headers['Content-Length']}\r\nConnection: close\r\n\r\n".encode() + body)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def choose(connection, name, context):
    if name:
        connection.context = served_by("world", name)


manifest = read_image()
any_host = served_by("world", "company.test")
any_host.sni_callback = choose
tls_port, plain_port = outside(any_host), outside()
with Server((address, 0), Proxy) as proxy:
    with open(path("port.half"), "w") as file:
        file.write(str(proxy.server_address[1]))
    os.rename(path("port.half"), path("port"))
    proxy.serve_forever()
