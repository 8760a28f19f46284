# The greeting server of the tutorials that has a thread for each client: port 8080 there.
import socket
import sys
import threading


def handle_client(client_socket):
    request = client_socket.recv(1024)
    print(f"Received: {request}")
    client_socket.sendall(b"Hello from server!")
    client_socket.close()


server_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server_socket.bind((sys.argv[1], int(sys.argv[2])))  # ("0.0.0.0", 8080)
server_socket.listen()
print(f"Listening on port {server_socket.getsockname()[1]}")

while True:
    client_socket, address = server_socket.accept()
    thread = threading.Thread(target=handle_client, args=(client_socket,))
    thread.start()
