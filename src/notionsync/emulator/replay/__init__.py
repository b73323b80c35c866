"""Recorded conversations with the real service, sent to an emulator and compared: how its fidelity is measured.

A recording is a file of JSON lines, each one exchange in order:
`{"notion_version", "method", "path", "query", "request", "status", "response"}`.
"""
