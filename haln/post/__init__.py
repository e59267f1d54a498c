"""The post room: words the outbox and sends it."""
