# The client of the greeting server on port 9090.
import socket
import sys

client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect((sys.argv[1], int(sys.argv[2])))  # ("localhost", 9090)
client.send("Hello from client!".encode())
print("Server says:", client.recv(1024).decode())
client.close()
