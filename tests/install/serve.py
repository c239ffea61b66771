# SPDX-License-Identifier: Apache-2.0
"""serve.py FOLDER: a web server for it on a port of 127.0.0.1, which it prints. Of what is asked for below /cut/ half comes, and below
/html/ everything is a page."""
import functools
import http.server
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        kind, _, name = self.path[1:].partition("/")
        if kind == "html":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>Please sign in</html>\n")
        elif kind == "cut":
            self.path = "/" + name
            with self.send_head() as file:
                content = file.read()
            self.wfile.write(content[:len(content) // 2] if name.endswith(".gz") else content)
        else:
            super().do_GET()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=sys.argv[1]))
print(server.server_port, flush=True)
server.serve_forever()
