# The echo server of the tutorials: HOST and PORT are constants there.
import socket
import sys

HOST = sys.argv[1]  # "127.0.0.1"
PORT = int(sys.argv[2])  # 65432

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
    s.bind((HOST, PORT))
    s.listen()
    print("Listening on port", s.getsockname()[1])
    conn, addr = s.accept()
    with conn:
        print(f"Connected by {addr}")
        while True:
            data = conn.recv(1024)
            if not data:
                break
            conn.sendall(data)
