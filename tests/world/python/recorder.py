"""Echoes datagrams, and tells at the end of its input which echoes arrived, in their order.

The number of an echo is in its first letters."""

import select
import socket
import sys

LETTERS = b"abcdefghijklmnopqrstuvwxyz234567"


def number_of(echo):
    """The number of an echo: five letters of five bits each, the lowest first."""
    return sum(LETTERS.find(letter) << 5 * place for place, letter in enumerate(echo[:5]))


host, port = sys.argv[1:3]
family = socket.AF_INET6 if ":" in host else socket.AF_INET
server = socket.socket(family, socket.SOCK_DGRAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
server.bind((host, int(port)))
print("receiving on port", server.getsockname()[1])
numbers = []
while True:
    ready, _, _ = select.select([server, sys.stdin], [], [])
    if server in ready:
        message, client = server.recvfrom(65536)
        server.sendto(message, client)
        numbers.append(number_of(message))
    elif not sys.stdin.buffer.read(1):
        break
print("arrived:", *numbers)
