# The greeting server of the tutorials that serves one client after the other: port 9090 there.
import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind((sys.argv[1], int(sys.argv[2])))  # ("0.0.0.0", 9090)
server.listen(5)
print("Server is listening on port", server.getsockname()[1])

while True:
    client, address = server.accept()
    print("Connection from", address)
    message = client.recv(1024).decode()
    print("Client says:", message)
    client.send("Hello from server!".encode())
    client.close()
