"""A bad link between two interfaces: every n-th packet is lost, sent twice or held back, as it is told.

At the end of its input it tells the numbers of the echoes that it delivered at each side, in their
order. It copies frames as the kernel has them, with the checksums that are still to be made
(PACKET_VNET_HDR, packet(7)). What is not of the protocol in question passes."""

import heapq
import json
import select
import socket
import struct
import sys
import time

LETTERS = b"abcdefghijklmnopqrstuvwxyz234567"


def number_of(echo):
    """The number of an echo: five letters of five bits each, the lowest first."""
    return sum(LETTERS.find(letter) << 5 * place for place, letter in enumerate(echo[:5]))


SOL_PACKET = 263
PACKET_VNET_HDR = 15
PACKET_OUTGOING = 4
ETH_P_ALL = 3
VNET = 10  # bytes of that header
ETHERNET = 14


def interface(name):
    frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    frames.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    frames.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
    frames.bind((name, 0))
    return frames


def parse(frame):
    """The protocol of a frame, and the number of the echo if it is a UDP datagram."""
    kind = struct.unpack_from("!H", frame, VNET + 12)[0]
    begin = VNET + ETHERNET
    if kind == 0x0800:
        protocol, payload = frame[begin + 9], begin + 20 + 8
    elif kind == 0x86DD:
        protocol, payload = frame[begin + 6], begin + 40 + 8
    else:
        return None, None
    return protocol, number_of(frame[payload:])


class Direction:
    """One way of the link, with its rules: {"lose": 7, "duplicate": 11, "hold": 13, "late": 5}."""

    def __init__(self, rules, there):
        self.rules = rules
        self.there = there
        self.count = 0
        self.dropped = 0
        self.numbers = []
        self.held = []  # frames, each with the count of packets that have to pass it first
        self.delayed = []  # frames, each with the time when it goes on

    def deliver(self, frame, number):
        self.there.send(frame)
        self.numbers.append(number)

    def take(self, frame):
        protocol, number = parse(frame)
        if protocol != self.rules.get("protocol", socket.IPPROTO_UDP):
            self.there.send(frame)
            return
        self.count += 1
        if self.falls("lose"):
            self.dropped += 1
        elif self.falls("hold"):
            self.held.append([3, frame, number])
        elif self.count <= self.rules.get("late", 0):
            due = time.monotonic() + self.rules["by"]
            heapq.heappush(self.delayed, (due, self.count, frame, number))
        else:
            self.deliver(frame, number)
            if self.falls("duplicate"):
                self.deliver(frame, number)
            self.release()

    def falls(self, rule):
        return rule in self.rules and self.count % self.rules[rule] == 0

    def release(self):
        for held in self.held:
            held[0] -= 1
        while self.held and self.held[0][0] <= 0:
            _, frame, number = self.held.pop(0)
            self.deliver(frame, number)

    def due(self):
        while self.delayed and self.delayed[0][0] <= time.monotonic():
            _, _, frame, number = heapq.heappop(self.delayed)
            self.deliver(frame, number)

    def told(self):
        return {"taken": self.count, "dropped": self.dropped, "delivered": self.numbers}


near, far = interface(sys.argv[1]), interface(sys.argv[2])
rules = json.loads(sys.argv[3])
ways = {near: Direction(rules.get("there", {}), far), far: Direction(rules.get("back", {}), near)}
print("the wire is up")
while True:
    dues = [way.delayed[0][0] for way in ways.values() if way.delayed]
    wait = max(0, min(dues) - time.monotonic()) if dues else None
    ready, _, _ = select.select([near, far, sys.stdin], [], [], wait)
    for way in ways.values():
        way.due()
    for frames in (near, far):
        if frames in ready:
            frame, about = frames.recvfrom(70_000)
            if about[2] != PACKET_OUTGOING:
                ways[frames].take(frame)
    if ready == [sys.stdin] and not sys.stdin.buffer.read(1):
        break
print("wire:", json.dumps({"there": ways[near].told(), "back": ways[far].told()}))
