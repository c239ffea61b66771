# SPDX-License-Identifier: Apache-2.0
"""Passes TCP connections on to a unix socket, ends of streams included: tcp_to_unix.py PORT SOCKET"""
import socket
import sys
import threading


def carry(source, sink):
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            end.close()


def serve(client, path):
    server = socket.socket(socket.AF_UNIX)
    server.connect(path)
    threading.Thread(target=carry, args=(server, client), daemon=True).start()
    carry(client, server)


def main():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, sys.argv[2]), daemon=True).start()


main()
