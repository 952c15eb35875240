"""The server: one ASGI application for people, programs and other nodes. Only here are faults turned into HTTP answers."""
