"""Sends messages of every kind of size to an echo server and compares what comes back."""

import os
import select
import socket
import sys

KINDS = {
    "tcp4": (socket.AF_INET, socket.SOCK_STREAM),
    "tcp6": (socket.AF_INET6, socket.SOCK_STREAM),
    "udp4": (socket.AF_INET, socket.SOCK_DGRAM),
    "udp6": (socket.AF_INET6, socket.SOCK_DGRAM),
    "unix-stream": (socket.AF_UNIX, socket.SOCK_STREAM),
    "unix-dgram": (socket.AF_UNIX, socket.SOCK_DGRAM),
    "unix-seqpacket": (socket.AF_UNIX, socket.SOCK_SEQPACKET),
}
HOSTS = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
LARGEST = {"udp4": 65507, "udp6": 65527}

name, place = sys.argv[1:3]
family, kind = KINDS[name]
largest = LARGEST.get(name, 100_000)
sizes = [1, 63, 64, 1024, 1472, 1473, 8191, 8192, 8193, 9000, 40_000, largest]
if kind != socket.SOCK_STREAM:
    sizes.insert(0, 0)

client = socket.socket(family, kind)
client.settimeout(15)
if kind == socket.SOCK_DGRAM and family == socket.AF_UNIX:
    client.bind("")  # an abstract name that the kernel picks, so that there is somewhere to answer
client.connect((HOSTS[family], int(place)) if family in HOSTS else place)


def receive(size):
    if kind != socket.SOCK_STREAM:
        return client.recv(200_000)
    answer = b""
    while len(answer) < size:
        piece = client.recv(size - len(answer))
        if not piece:
            sys.exit(f"closed after {len(answer)} of {size} bytes")
        answer += piece
    return answer


def compare(sent, answer):
    if sent != answer:
        sys.exit(f"{len(sent)} bytes came back as {len(answer)}, or changed")


messages = 0
total = 0
for size in sizes:
    message = os.urandom(size)
    client.sendall(message)
    compare(message, receive(size))
    messages += 1
    total += size
# A few under way at once: what merges messages is seen here.
burst = [os.urandom(100) for _ in range(5)]
for message in burst:
    client.sendall(message)
for message in burst:
    compare(message, receive(100))
    messages += 1
    total += 100


def stall(size):
    """Sends until nothing more fits anywhere, and only then begins to read what came back."""
    sent = os.urandom(size)
    answer = bytearray()
    done = 0
    client.setblocking(False)
    reads = False
    while len(answer) < size:
        if done < size:
            try:
                done += client.send(sent[done : done + 65536])
            except BlockingIOError:
                reads = True
        else:
            reads = True
        if reads:
            wanted = [client] if done < size else []
            readable, writable, _ = select.select([client], wanted, [], 15)
            if not readable and not writable:
                sys.exit(f"nothing moves after {len(answer)} of {size} bytes")
            if readable:
                piece = client.recv(65536)
                if not piece:
                    sys.exit(f"closed after {len(answer)} of {size} bytes")
                answer += piece
    compare(sent, bytes(answer))
    return size


if kind == socket.SOCK_STREAM:
    total += stall(32_000_000)
    messages += 1
print(f"same: messages: {messages}, bytes: {total}")
