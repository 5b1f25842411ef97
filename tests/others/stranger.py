"""A stranger at a node's port: handshakes by another QUIC implementation (aioquic), whole, cut, bent and half open.

`stranger.py PORT ALPN SEED`. Loopback only. Prints what it sent, and how often a handshake came to its end (never)."""

import json
import random
import socket
import ssl
import sys
import time

from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import ConnectionTerminated, HandshakeCompleted

PORT, ALPN = int(sys.argv[1]), sys.argv[2]
CHANCE = random.Random(int(sys.argv[3]))
HALF_OPEN, MALFORMED, WHOLE = 120, 600, 12
NODE = ("127.0.0.1", PORT)


def client(alpn, name=None):
    configuration = QuicConfiguration(is_client=True, alpn_protocols=[alpn], verify_mode=ssl.CERT_NONE, server_name=name)
    connection = QuicConnection(configuration=configuration)
    connection.connect(NODE, now=time.monotonic())
    return connection


def flight(connection):
    return [data for data, _ in connection.datagrams_to_send(now=time.monotonic())]


def bent(datagram):
    data = bytearray(datagram)
    how = CHANCE.randrange(6)
    if how == 0:
        return bytes(data[: CHANCE.randrange(len(data))])
    if how == 1:
        return bytes(CHANCE.randrange(256) for _ in range(CHANCE.randrange(1, 1500)))
    if how == 2:
        data[1:5] = CHANCE.randbytes(4)  # another version
        return bytes(data)
    if how == 3:
        return bytes(data[:5]) + bytes([255]) + bytes(data[6:])  # an id longer than ids may be
    if how == 4:
        return bytes(data) + bytes(data[: CHANCE.randrange(len(data))])
    for _ in range(CHANCE.randrange(1, 9)):
        data[CHANCE.randrange(len(data))] ^= 1 << CHANCE.randrange(8)
    return bytes(data)


def whole(alpn, name):
    """Talks until the connection ends or falls silent. Whether the handshake completed, and how it ended."""
    connection = client(alpn, name)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))
        wire.settimeout(0.2)
        until = time.monotonic() + 3
        while time.monotonic() < until:
            for data in flight(connection):
                wire.sendto(data, NODE)
            try:
                data, source = wire.recvfrom(65536)
                connection.receive_datagram(data, source, now=time.monotonic())
            except (TimeoutError, ConnectionError):
                connection.handle_timer(now=time.monotonic())
            while (event := connection.next_event()) is not None:
                if isinstance(event, HandshakeCompleted):
                    return True, "completed"
                if isinstance(event, ConnectionTerminated):
                    return False, f"{event.error_code:#x}"
    return False, "silence"


sent = 0
wires = []
for _ in range(HALF_OPEN):
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.bind(("127.0.0.1", 0))
    for data in flight(client(ALPN)):
        wire.sendto(data, NODE)
        sent += 1
    wires.append(wire)
for _ in range(MALFORMED):
    for data in flight(client(ALPN)):
        CHANCE.choice(wires).sendto(bent(data), NODE)
        sent += 1
ends = [whole(CHANCE.choice([ALPN, "h3", "other/1"]), CHANCE.choice([None, "node.example"])) for _ in range(WHOLE)]
json.dump({"sent": sent, "completed": sum(done for done, _ in ends), "ends": sorted({end for _, end in ends})}, sys.stdout)
