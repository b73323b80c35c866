"""The emulator over HTTP: routes, answers, the request log and the control endpoints."""
