"""A person's side of the workspace: plain pages for a browser, distinct from the API that the bot uses."""
