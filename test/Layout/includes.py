#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that the areas of the code include only what they may.

An area is a folder with `attune_library(<Area> .. USES <Area>..)` in its CMakeLists.txt; its public
headers stand in include/attune/<Area> (those of a dialect in include/attune/Dialect/<Area>). What
is wrong, one line each, with file and line:

  - an include of an area that USES does not name, or of a private header of another area (a folder in
    a folder, as Tile/CPU, may include the private headers of the one above)
  - an area in USES that nothing of it includes, or that is none
  - a circle of areas
  - a header of LLVM or MLIR in Runtime, `using namespace` in a header
  - a private header in tools or test
  - a row of the table in docs/architecture.md that says something else of an area

Prints `N files in N areas are clean`, or exits with 1. --table prints the table of README.md.
"""
import argparse
import os
import re
import sys

INCLUDE = re.compile(r'^\s*#?\s*include\s+"([^"]+)"')
LIBRARY = re.compile(r"attune_library\((\S+)([^)]*)\)")
KEYWORDS = {"SOURCES", "USES", "LINK", "RUNTIME"}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Tree:
    def __init__(self, root):
        self.root, self.problems, self.uses, self.folders = root, [], {}, {}
        for top in ["dialects", "lib"]:
            for folder, _, names in sorted(os.walk(os.path.join(root, top))):
                if "CMakeLists.txt" in names:
                    self.add_areas(os.path.relpath(folder, root), read(os.path.join(folder, "CMakeLists.txt")))

    def add_areas(self, folder, text):
        for name, rest in LIBRARY.findall(re.sub(r"#.*", "", text)):
            words, uses, current = rest.split(), [], None
            for word in words:
                if word in KEYWORDS:
                    current = word
                elif current == "USES":
                    uses.append(word)
            self.uses[name] = uses
            # InitAll is one file between the folders.
            self.folders[name] = os.path.join(folder, "InitAll.cpp") if folder == "lib" else folder

    def area_of(self, path):
        """The area that a file belongs to, by its longest folder; None for tools and tests."""
        public = re.match(r"include/attune/(?:Dialect/)?(.+)$", path)
        best = None
        for name, folder in self.folders.items():
            own = path.startswith(folder + "/") or path == folder
            own |= bool(public) and (public.group(1).startswith(name + "/") or public.group(1) == name + ".h")
            if own and (best is None or len(name) > len(best)):
                best = name
        return best

    def resolve(self, path, include):
        """The file that an include leads to, relative to the root; generated ones by their folder."""
        beside = os.path.normpath(os.path.join(os.path.dirname(path), include))
        if os.path.exists(os.path.join(self.root, beside)):
            return beside
        for base in ["include", ""]:
            candidate = os.path.normpath(os.path.join(base, include))
            if os.path.exists(os.path.join(self.root, candidate)) or (base and include.endswith(".inc")):
                return candidate
        return None

    def check_include(self, path, number, include, seen):
        def complain(text):
            self.problems.append(f"{path}:{number}: {text}")
        area = self.area_of(path)
        if area == "Runtime" and include.startswith(("llvm/", "mlir/", "llvm-c/", "mlir-c/")):
            return complain(f"Runtime includes `{include}`, and must not see LLVM")
        target = self.resolve(path, include)
        if target is None:
            return None
        other = self.area_of(target)
        if other is None or other == area:
            return None
        is_public = target.startswith("include/attune/")
        if area is None:
            return None if is_public else complain(f"includes `{include}`, a private header of {other}")
        seen.setdefault(area, set()).add(other)
        if other not in self.uses[area]:
            return complain(f"{area} includes `{include}` of {other}, expected one of its USES: "
                            f"{', '.join(self.uses[area]) or 'none'}")
        is_above = area.startswith(other + "/")
        if not is_public and not is_above and not target.endswith(".td"):
            return complain(f"{area} includes `{include}`, a private header of {other}")
        return None

    def check_files(self):
        seen, files = {}, 0
        for top in ["dialects", "include", "lib", "tools", "test"]:
            for folder, _, names in sorted(os.walk(os.path.join(self.root, top))):
                for name in sorted(names):
                    path = os.path.relpath(os.path.join(folder, name), self.root)
                    if not name.endswith((".cpp", ".h", ".td")) or "/Inputs/" in path:
                        continue
                    files += 1
                    for number, line in enumerate(read(os.path.join(folder, name)).splitlines(), 1):
                        match = INCLUDE.match(line)
                        if match:
                            self.check_include(path, number, match.group(1), seen)
                        if name.endswith(".h") and re.match(r"\s*using namespace\b", line):
                            self.problems.append(f"{path}:{number}: `using namespace` in a header")
        for area, uses in self.uses.items():
            place = f"{self.folders[area]}: {area} USES"
            for other in uses:
                if other not in self.uses:
                    self.problems.append(f"{place} `{other}`, which is no area")
                elif other not in seen.get(area, set()):
                    self.problems.append(f"{place} {other}, but includes nothing of it")
        return files

    def check_docs(self):
        path = os.path.join(self.root, "docs", "architecture.md")
        if not os.path.exists(path):
            return
        rows = dict(re.findall(r"^\| (\S+) \| .* \| (.*) \|$", read(path), re.M))
        for area, uses in self.uses.items():
            expected = ", ".join(uses) or "nothing"
            if rows.get(area) != expected:
                self.problems.append(f"docs/architecture.md: {area} uses {rows.get(area, 'no row')}, "
                                     f"expected {expected}")

    def check_circles(self):
        done, path = set(), []

        def visit(area):
            if area in path:
                self.problems.append("circle: " + " -> ".join(path[path.index(area):] + [area]))
                return
            if area in done:
                return
            path.append(area)
            for other in self.uses.get(area, []):
                visit(other)
            done.add(path.pop())
        for area in self.uses:
            visit(area)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(here)))
    parser.add_argument("--table", action="store_true", help="print each area and its USES")
    options = parser.parse_args()
    tree = Tree(os.path.abspath(options.root))
    if options.table:
        for area, uses in tree.uses.items():
            print(f"{area}: {', '.join(uses) or 'nothing'}")
        return 0
    files = tree.check_files()
    tree.check_circles()
    tree.check_docs()
    for problem in tree.problems:
        print(problem)
    if not tree.uses or not files:
        print(f"{tree.root}: no areas found")
        return 1
    if not tree.problems:
        print(f"{files} files in {len(tree.uses)} areas are clean")
    return 1 if tree.problems else 0


if __name__ == "__main__":
    sys.exit(main())
