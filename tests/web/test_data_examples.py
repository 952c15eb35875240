"""The examples of the page of data run as they are printed, against a server of their own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html import unescape

import httpx
import pytest
from test_site import make_node

LANGUAGES = ("en", "ru", "zh")


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory):
    """The examples by language, with the server running."""
    folder = make_node(tmp_path_factory.mktemp("examples") / "node")
    command = [sys.executable, "-m", "interurban", "--home", str(folder), "serve", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        address = re.search(r"http://127\.0\.0\.1:\d+/", server.stderr.readline())[0]
        pages = {language: httpx.get(f"{address}{language}/data").text for language in LANGUAGES}
        yield {language: [unescape(each) for each in re.findall(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)]
               for language, page in pages.items()}
        server.terminate()
        server.stderr.read()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_of_a_shell(examples, language: str):
    if shutil.which("curl") is None:
        pytest.skip("no curl here")
    (example,) = (each for each in examples[language] if each.startswith("curl"))
    command = f"{example} --fail --silent --show-error"
    told = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stderr
    rows = told.stdout.splitlines()
    assert rows[0].startswith("STRUCTURE,") and len(rows) > 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_of_python(examples, language: str):
    (example,) = (each for each in examples[language] if each.startswith("import pandas"))
    *first, last = example.splitlines()
    program = "\n".join([*first, f"print(len({last}))"])
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0 and int(told.stdout) > 1, told.stderr


def test_the_addresses_of_the_other_examples(examples):
    for each in (each for language in LANGUAGES for each in examples[language] if each.startswith(("read.csv", "fetch"))):
        answer = httpx.get(re.search(r'"(http[^"]+)"', each)[1])
        assert answer.status_code == 200 and len(answer.content) > 100, each


def test_the_example_of_r(examples):
    if shutil.which("Rscript") is None:
        pytest.skip("no R here")
    (example,) = (each for each in examples["en"] if each.startswith("read.csv"))
    assert subprocess.run(["Rscript", "-e", example], timeout=60, check=False).returncode == 0
