"""Cut the Chinese type of the site out of Noto Sans SC, anew when our texts use other characters; a test says when.

    npm pack @expo-google-fonts/noto-sans-sc@0.4.3 && tar xzf expo-google-fonts-noto-sans-sc-0.4.3.tgz
    python -m pip install fonttools brotli                     # nothing else of the project needs them
    python tools/cut_chinese_fonts.py package

"400-a" has the characters of all our own texts but those of the command line, "600-a" those of names and labels, which are what is set
bold, and "400-b" the rest of GB 2312, for what people write. A page loads a part only when it has a character of it. The hashes in
`vendored.toml` follow.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

from babel import Locale
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from interurban.indicators.baseline.tables import baseline_cities
from interurban.indicators.catalogue import indicators

PACKAGE = Path(__file__).parent.parent / "src" / "interurban"
FONTS = PACKAGE / "web" / "assets" / "fonts"
PUNCTUATION = "\u3000、。〈〉《》「」『』【】〔〕！（），．：；？～￥"
LABELS = ("accounts", "charts", "desk", "diagnosis", "ratings", "reliability", "site", "units")


def main(package: Path) -> int:
    """Cut the three files out of the unpacked npm package."""
    texts, bold = own_characters()
    regular, semibold = package / "400Regular" / "NotoSansSC_400Regular.ttf", package / "600SemiBold" / "NotoSansSC_600SemiBold.ttf"
    cut(regular, texts, "noto-sans-sc-400-a.woff2")
    cut(semibold, bold, "noto-sans-sc-600-a.woff2")
    cut(regular, gb2312() - texts, "noto-sans-sc-400-b.woff2")
    return 0


def own_characters() -> tuple[set[str], set[str]]:
    """The Chinese characters of all our own texts that a page may show, and of those among them that are names and labels."""
    chinese, cities = Locale.parse("zh_Hans_CN"), [each.city for each in baseline_cities().values()]
    named = [*(each.names["zh"] for each in indicators().values()), *chinese.days["stand-alone"]["wide"].values(), "年月日"]
    named += [f"{city.name_zh}{chinese.territories[city.country]}" for city in cities]
    labels = "".join([*named, *((PACKAGE / "locales" / "zh" / f"{area}.toml").read_text() for area in LABELS)])
    files = [file for file in PACKAGE.rglob("*.toml") if file.name != "cli.toml"]
    return only_chinese(labels + "".join(file.read_text() for file in files)), only_chinese(labels)


def only_chinese(text: str) -> set[str]:
    """The characters that the style sheet takes from the Chinese fonts, with the punctuation that goes with them."""
    return {c for c in text + PUNCTUATION if "\u2e80" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef"}


def gb2312() -> set[str]:
    """Every character of GB 2312 by its two bytes."""
    found = (bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return only_chinese("".join(found))


def cut(font: Path, characters: set[str], name: str) -> None:
    """Write the part of a font that has these characters, and its hash."""
    options = Options(flavor="woff2", hinting=False, layout_features=[], name_IDs=[0, 1, 2, 13, 14], notdef_outline=True)
    part = TTFont(font)
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(sorted(characters)))
    subsetter.subset(part)
    part.flavor = "woff2"
    part.save(FONTS / name)
    listed = PACKAGE / "vendored.toml"
    digest = hashlib.sha256((FONTS / name).read_bytes()).hexdigest()
    entry = re.compile(rf'(\["web/assets/fonts/{re.escape(name)}"\][^\[]*?sha256 = ")[0-9a-f]+')
    listed.write_text(entry.sub(rf"\g<1>{digest}", listed.read_text()))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
