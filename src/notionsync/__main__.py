"""`python -m notionsync`."""

from notionsync.cli import main

main(prog_name="notionsync")
