# The echo client of the tutorials: HOST and PORT are constants there.
import socket
import sys

HOST = sys.argv[1]  # "127.0.0.1"
PORT = int(sys.argv[2])  # 65432

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
    s.connect((HOST, PORT))
    s.sendall(b"Hello, world")
    data = s.recv(1024)

print(f"Received {data!r}")
