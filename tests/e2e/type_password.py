# SPDX-License-Identifier: Apache-2.0
"""type_password.py PASSWORD COMMAND...: runs the command on a terminal of its own, types the password when it is asked
for one, and passes on what it prints and its exit code; 99 when it did not ask."""
import os
import pty
import sys

password, command = sys.argv[1], sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
shown, asked = b"", False
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:  # the last process on the terminal has ended
        break
    if not piece:
        break
    shown += piece
    if not asked and b"password for" in shown and shown.rstrip().endswith(b":"):
        os.write(terminal, password.encode() + b"\n")
        asked = True
sys.stdout.buffer.write(shown)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(code if asked or code != 0 else 99)
