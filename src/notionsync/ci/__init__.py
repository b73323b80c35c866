"""What the GitHub Action runs once notionsync is installed: one command, published, and told to whoever looks.

    inputs    the Action's inputs, read from the environment and checked
    runner    the way to GitHub's runner: log, annotations, outputs, summary; nothing that is printed can speak for us
    summary   reports as Markdown that no title can break out of
    checkout  the branch that is checked out: catch up, publish, never force
    unpublished  what a try had done in Notion whose commit lost a race
    run       the order of it all

It talks to the command line alone, in processes of their own, so that a run here is the run that people have at a terminal.
"""
