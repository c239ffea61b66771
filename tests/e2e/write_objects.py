# SPDX-License-Identifier: Apache-2.0
"""write_objects.py KUBECONFIG FILE: creates one ConfigMap after the other, and writes down each that was acknowledged.

A line is the object's name, when its request began, and when its answer came, in seconds. Ends with SIGTERM, and then
prints the longest time between two answers. A request that fails is forgotten: the next one has another name.
"""
import base64
import http.client
import json
import os
import re
import signal
import ssl
import sys
import tempfile
import time


def connection_of(kubeconfig):
    text = open(kubeconfig).read()
    server = re.search(r"server: https://(\S+)", text).group(1)
    parts = {}
    for key in ("certificate-authority-data", "client-certificate-data", "client-key-data"):
        parts[key] = base64.b64decode(re.search(key + r": (\S+)", text).group(1)).decode()
    context = ssl.create_default_context(cadata=parts["certificate-authority-data"])
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as pair:
        pair.write(parts["client-certificate-data"] + parts["client-key-data"])
        pair.flush()
        context.load_cert_chain(pair.name)
    return lambda: http.client.HTTPSConnection(server, timeout=2, context=context)


def main():
    connect = connection_of(sys.argv[1])
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    connection, number, longest, last = None, 0, 0.0, time.time()
    with open(sys.argv[2], "a", buffering=1) as acknowledged:
        while not ended:
            number += 1
            name = f"written-{os.getpid()}-{number}"
            began = time.time()
            try:
                connection = connection or connect()
                body = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
                connection.request("POST", "/api/v1/namespaces/default/configmaps", body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 201:
                    raise OSError(answer.status)
            except (OSError, http.client.HTTPException):
                if connection:
                    connection.close()
                connection = None
                time.sleep(0.05)
                continue
            now = time.time()
            longest, last = max(longest, now - last), now
            acknowledged.write(f"{name} {began:.3f} {now:.3f}\n")
            time.sleep(0.02)
    print(f"{longest:.1f}")


main()
