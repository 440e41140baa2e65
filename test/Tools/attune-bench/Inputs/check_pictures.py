# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the pictures of rows.jsonl: well-formed, logarithmic axes, and no labels that overlap.

usage: check_pictures.py <folder>
"""
import math
import os
import re
import sys
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def lines(root, colour):
    """The points of each line of this colour."""
    ways = [path.get("d") for path in root.iter(SVG + "path")
            if path.get("stroke") == colour and path.get("fill") == "none"]
    return [[tuple(map(float, point.split(","))) for point in way[1:].split("L")] for way in ways]


def boxes(root):
    """(left, top, right, bottom) of every text, with 6 pixels a letter of the default size."""
    for text in root.iter(SVG + "text"):
        scale = float(text.get("font-size", 12)) / 12
        width, x, y = 6 * scale * len(text.text), float(text.get("x")), float(text.get("y"))
        left = x - width * {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor")]
        yield left, y - 10 * scale, left + width, y, text.text


def check_labels(root):
    width, height = float(root.get("width")), float(root.get("height"))
    found = list(boxes(root))
    for index, (left, top, right, bottom, text) in enumerate(found):
        assert left >= 0 and top >= 0 and right <= width and bottom <= height, text
        for other in found[index + 1:]:
            apart = other[0] >= right or left >= other[2] or other[1] >= bottom or top >= other[3]
            assert apart, (text, other[4])


def check_softmax(root):
    time, memory = lines(root, "#000000")
    assert len(time) == 3 and len(memory) == 3
    for axis in (0, 1):  # N = 100, 1000, 10000 took 1, 100, 10000 ms
        first, second, third = (point[axis] for point in time)
        assert abs((second - first) - (third - second)) <= 0.2 and first != second, time
    assert time[0][1] > time[2][1]  # up is more
    assert len({y for _, y in memory}) == 1  # always 1.25 MiB
    jax_time, jax_memory = lines(root, "#0072B2")
    assert len(jax_time) == 2 and jax_time[0][1] < time[0][1] and jax_time[1][1] > time[2][1]
    # 1.25 to 0.5 MiB, where 0 is drawn, next to 0.5 to 400 MiB.
    share = (jax_memory[0][1] - memory[0][1]) / (jax_memory[0][1] - jax_memory[1][1])
    assert abs(share - math.log(1.25 / 0.5) / math.log(400 / 0.5)) < 0.01, share
    texts = [text.text for text in root.iter(SVG + "text")]
    assert "Attune" in texts and "jax" in texts and "keops" not in texts, texts
    assert "time [ms], Attune grows as N^1.995" in texts and texts.count("N") == 2, texts
    assert "peak memory above inputs [MiB]" in texts, texts
    assert any("A <fast> machine" in text for text in texts), texts


def main(folder):
    assert sorted(os.listdir(folder)) == ["cora-s.svg", "softmax.svg"], os.listdir(folder)
    for name in os.listdir(folder):
        root = ElementTree.parse(os.path.join(folder, name)).getroot()
        assert re.fullmatch(r"0 0 \d+ \d+", root.get("viewBox")), root.attrib
        check_labels(root)
        if name == "softmax.svg":
            check_softmax(root)
        else:
            assert [len(line) for line in lines(root, "#000000")] == [1, 1]


main(*sys.argv[1:])
