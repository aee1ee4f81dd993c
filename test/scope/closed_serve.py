"""Answers questions to closed/entry.py one after the other, so that its tests start Python once: a question with its texts
a line, an answer a line."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))

from unsynced.closed.entry import answer

for line in sys.stdin:
    question = json.loads(line)
    contents = [text.encode("utf-8") for text in question["texts"]]
    print(json.dumps(answer(question, contents)), flush=True)
