# The client of the greeting server on port 8080: it reads until the server closes.
import socket
import sys

client_socket = socket.create_connection((sys.argv[1], int(sys.argv[2])))  # ("localhost", 8080)
client_socket.sendall(b"Hello from client!")

response = b""
while True:
    chunk = client_socket.recv(1024)
    if not chunk:
        break
    response += chunk

print("Received:", response.decode())
client_socket.close()
