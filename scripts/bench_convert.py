"""Speeds of the converter: Markdown → blocks in MB/s, blocks → Markdown in blocks/s, each block proven or safe by rule."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from notionsync.convert import parse, render
from notionsync.model import walk

ROUNDS = 20
ANSWER = """## cs231 lecture {n}

- Q. tanh는 왜 [-1, 1]로 수렴할까요?

- A. **zero-centered**이기 때문입니다. `x`가 {n}일 때 $x_i$를 봅시다.

    둘째 문단은 [링크](https://example.com/{n})를 가집니다.

<br/>

![img.png](img_{n}.png)
"""


def texts() -> list[str]:
    """Return the real answers where they are at hand, else generated ones of the same shape."""
    shared = Path(os.environ.get("NOTIONSYNC_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    found = [path.read_text(encoding="utf-8") for path in sorted(shared.glob("corpus/answers/*.md"))]
    return found or [ANSWER.format(n=n) for n in range(30)]


def best(work: Callable[[], object]) -> float:
    """Return the least CPU time that one round took."""
    took: list[float] = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return min(took)


def measure(documents: Sequence[str]) -> list[tuple[str, str]]:
    """Return what was measured, and how it came out."""
    size = sum(len(text.encode()) for text in documents)
    bodies = [parse(text).body for text in documents]
    count = sum(len(walk(body)) for body in bodies)
    there = best(lambda: [parse(text) for text in documents])
    back = best(lambda: [render(body) for body in bodies])
    return [
        ("Markdown → blocks", f"{size / there / 1e6:.1f} MB/s"),
        ("blocks → Markdown", f"{count / back:,.0f} blocks/s"),
    ]


def main() -> None:
    """Print the speeds."""
    for name, value in measure(texts()):
        print(f"{name:<24}{value:>20}")


if __name__ == "__main__":
    main()
