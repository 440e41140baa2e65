#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/generated and fills the code blocks of the hand-written pages.

docs/generated/{attn,nn,passes}.md come from the .td files through mlir-tblgen. A fenced block in
README.md or docs/ that follows a line

    <!-- from test/Docs/ops.mlir:LABEL -->         the part of a test after "// DOC: LABEL"
    <!-- from test/Docs/ops.mlir:LABEL:PREFIX -->  its FileCheck lines with this prefix, as output
    <!-- from lib/Rewrite/Planner.cpp#text -->     the source that starts at the line with `text`
    <!-- from test/Tools/x/Inputs/y.mlir -->       the whole file

holds exactly that part of the file. A part of a test ends at the next "DOC:", "DOC-END" or
"-----"; FileCheck lines are left out of it, but for those with the prefix RESULT, which become
comments; RUN lines of a .test file become commands, and those of other tests stand where there is
nothing else. A part of a source ends where its brackets close. Every ```mlir block needs such a line, so
that IR in the docs has been run. A pass description's "[example: test/..#DOC]" becomes its test's example.
Lines between "<!-- constraints of attn.dot -->" and "<!-- end -->" are the op's (C1), (C2), .. as the
.td states them, those between "<!-- stages -->" and "<!-- end -->" the tables of Stages.def, those
between "<!-- attributes -->" and "<!-- end -->" that of PassAttrs.def, and those between "<!-- rewrites -->" and
"<!-- end -->" that of Rewrites.def.
Links to files must lead to one, every op has a section in docs/spec, and every rewrite has one in docs/algebra.md.
With --check nothing is written; the exit code is 1 where a file would change.
"""
import argparse
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MARKER = re.compile(r"^<!-- from ([^\s:#]+)(?:#(.+?)|:([\w.-]+)(?::([\w-]+))?)? -->$")
CHECK_LINE = re.compile(r"^\s*(?://|#)\s*[A-Z][\w-]*(?:-(?:NEXT|SAME|NOT|DAG|LABEL|EMPTY))?:(?:\s|$)")
DOC_LINE = re.compile(r"^\s*(?://|#)\s*DOC: ([\w.-]+)\s*$")
DOC_END = re.compile(r"^\s*(?://|#)\s*(?:DOC-END|DOC: [\w.-]+|-----)\s*$")
PASS_AREAS = ["Entry", "Sizes", "Rewrite", "Transforms", "Tile", "Tile/CPU", "Tile/GPU", "Target/CPU",
              "Target/GPU", "Target/Emulator", "Pipeline"]


class DocError(Exception):
    """A page that can't be made; the text says where and why."""


def read(path):
    try:
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        raise DocError(f"{path}: {error.strerror}") from error


def find_tblgen(given):
    folders = [os.environ.get("LLVM_TOOLS", ""), "/usr/lib/llvm-22/bin"]
    folders += os.environ.get("PATH", "").split(os.pathsep)
    for path in [given] if given else [os.path.join(f, "mlir-tblgen") for f in folders if f]:
        if os.access(path, os.X_OK):
            return os.path.realpath(path)
    raise DocError("mlir-tblgen not found, expected it in $LLVM_TOOLS, /usr/lib/llvm-22/bin or $PATH")


def tblgen(tool, td, *flags):
    include = os.path.join(os.path.dirname(os.path.dirname(tool)), "include")
    command = [tool, *flags, "-I", ROOT, "-I", os.path.join(ROOT, "include"), "-I", include, os.path.join(ROOT, td)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise DocError(f"{td}: {done.stderr.strip()}")
    # Trailing blanks and machine paths have no place in a committed file.
    text = done.stdout.replace(ROOT + "/", "")
    return "\n".join(line.rstrip() for line in text.splitlines()).strip() + "\n"


EXAMPLE = re.compile(r"^( *)(?:Before/After: )?\[example: ([^\s#]+)#DOC\]$", re.M)


def pass_example(match):
    """The example of a pass test: the part after its first "DOC:", and what FileCheck finds."""
    path = match.group(2)
    if not os.path.exists(os.path.join(ROOT, path)):
        return f"Example: `{path}`"
    lines = read(path).splitlines()
    start = next((i for i, line in enumerate(lines) if re.match(r"^\s*// DOC: ", line)), None)
    if start is None:
        return f"Example: `{path}`"
    # The first function, and the patterns in front of or within it.
    end = next((i for i in range(start + 1, len(lines)) if lines[i] == "}"), len(lines) - 1)
    part = lines[start + 1:end + 1]
    before = dedent([line for line in part if not line.lstrip().startswith("//")])
    check = re.compile(r"^\s*// (?:CHECK|AFTER)(?:-NEXT|-DAG|-LABEL|-SAME)?:(?: (.*))?$")
    after = dedent([as_output(m.group(1) or "") for m in map(check.match, part) if m])
    title = lines[start].split("DOC: ", 1)[1]
    text = [f"Example ([{os.path.basename(path)}](../../{path})): {title}.", "", "```mlir", *before, "```"]
    found = ["", "In the result FileCheck finds, in this order:", "", "```text", *after, "```"]
    return "\n".join(text + (found if after else []))


def generated_pages(tool):
    """Path to text of everything under docs/generated."""
    pages = {}
    for dialect, td in [("attn", "dialects/Attn/AttnOps.td"), ("nn", "dialects/NN/NNOps.td")]:
        pages[f"docs/generated/{dialect}.md"] = tblgen(tool, td, "-gen-dialect-doc",
                                                       f"-dialect={dialect}")
    parts = ["# Passes\n\nOne section for each area, in the order of the pipeline.\n"]
    for area in PASS_AREAS:
        text = tblgen(tool, f"include/attune/{area}/Passes.td", "-gen-pass-doc")
        text = re.sub(r"^(#+)", r"\1#", text, flags=re.MULTILINE)
        text = EXAMPLE.sub(pass_example, re.sub(r"<!-- .*? -->", "", text))
        parts.append(f"## {area}\n\n{text.strip()}\n")
    pages["docs/generated/passes.md"] = "\n".join(parts)
    return pages


def dedent(lines):
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    depth = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return [line[depth:].rstrip() for line in lines]


def section(path, label):
    """The lines after "DOC: label" in a test."""
    found, lines = False, []
    for line in read(path).splitlines():
        match = DOC_LINE.match(line)
        if match and match.group(1) == label and not found:
            found = True
        elif found and DOC_END.match(line):
            break
        elif found:
            lines.append(line)
    if not found:
        raise DocError(f"{path} has no part `DOC: {label}`")
    return lines


def as_command(line):
    """A RUN line as a reader would type it."""
    text = re.sub(r"^\s*(?://|#)\s*RUN:\s*", "", line)
    text = re.sub(r"\s*\|\s*FileCheck.*$", "", text)
    for old, new in [("%repo/", ""), ("%t/", ""), ("%s", "model.mlir")]:
        text = text.replace(old, new)
    return text


def as_output(line):
    """A FileCheck pattern as the text that it stands for: %[[SUM:.*]] is %sum, {{.*}} is "..."."""
    line = re.sub(r"\[\[#?([A-Za-z_]\w*)(?::[^\]]*(?:\][^\]]+)*?)?\]\]",
                  lambda match: match.group(1).lower(), line)
    line = re.sub(r"\{\{(?:\\(\S)|(\[\[|\]\]))\}\}", lambda match: match.group(1) or match.group(2), line)
    # The place in front of a remark is left out, anything else that varies is "...".
    return re.sub(r"\{\{.*?\}\}", "...", line.replace("{{.*: }}", ""))


def test_block(path, label, prefix):
    lines = section(path, label)
    if prefix:
        pattern = re.compile(rf"^\s*(?://|#)\s*{re.escape(prefix)}(?:-NEXT|-DAG|-LABEL)?:(?: (.*))?$")
        matches = [pattern.match(line) for line in lines]
        block = [as_output(match.group(1) or "") for match in matches if match]
        if not block:
            raise DocError(f"{path}: part `{label}` has no line `{prefix}:`")
        return dedent(block)
    commands = [line for line in lines if re.match(r"^\s*(?://|#)\s*RUN:", line)]
    if path.endswith(".test") and commands:
        return [as_command(line) for line in commands]
    lines = [re.sub(r"^(\s*)(//|#) RESULT(?:-NEXT)?: ", r"\1\2 ", line) for line in lines]
    block = dedent([line for line in lines if not CHECK_LINE.match(line)]) or commands
    if not block:
        raise DocError(f"{path}: part `{label}` is empty")
    return block


def source_block(path, text):
    """From the line with `text` to where its brackets close; one line if it opens none."""
    lines = read(path).splitlines()
    start = next((i for i, line in enumerate(lines) if text in line), None)
    if start is None:
        raise DocError(f"{path} has no line with `{text}`")
    depth = 0
    for end in range(start, len(lines)):
        code = re.sub(r'"(?:[^"\\]|\\.)*"', '""', lines[end])
        depth += sum(code.count(c) for c in "([{") - sum(code.count(c) for c in ")]}")
        # A definition may open its first bracket after a few lines of bases or arguments.
        if depth == 0 and not re.search(r"[,:]\s*$", code):
            return dedent(lines[start:end + 1])
    raise DocError(f"{path}: the brackets after `{text}` do not close")


def fill(path, text):
    """The page with every marked block as its source has it."""
    lines, out, i = text.split("\n"), [], 0
    while i < len(lines):
        line = lines[i]
        fence = re.match(r"^```(\w*)\s*$", line)
        if fence:
            if fence.group(1) == "mlir":
                raise DocError(f"{path}:{i + 1}: an mlir block must follow `<!-- from .. -->`")
            end = lines.index("```", i + 1)
            out += lines[i:end + 1]
            i = end + 1
            continue
        out.append(line)
        i += 1
        marker = MARKER.match(line)
        if not marker:
            if line.startswith("<!-- from"):
                raise DocError(f"{path}:{i}: `{line}` is no marker that docs/gen.py knows")
            continue
        if i >= len(lines) or not lines[i].startswith("```"):
            raise DocError(f"{path}:{i}: no fenced block after `{line}`")
        source, code, label, prefix = marker.groups()
        if code:
            block = source_block(source, code)
        elif label:
            block = test_block(source, label, prefix)
        else:
            block = read(source).rstrip("\n").split("\n")
        end = lines.index("```", i + 1)
        out += [lines[i], *block, "```"]
        i = end + 1
    return "\n".join(out)


def constraints(pages, op):
    """The (Cn) of an op's description as a list."""
    page = pages.get(f"docs/generated/{op.split('.')[0]}.md", "")
    match = re.search(rf"^### `{re.escape(op)}` .*?(?=^### |\Z)", page, re.M | re.S)
    if not match:
        raise DocError(f"there is no op `{op}`")
    text = match.group(0)
    found = re.findall(r"\((C\d+)\) (.*?)(?=\(C\d+\) |\n\s*\n|\n```|\Z)", text, re.S)
    if not found:
        return ["None beyond the types of its operands."]
    return [f"- ({label}) {' '.join(rule.split())}" for label, rule in found]


def check_spec(pages):
    """Every op has its section in the spec, and every rewrite has one in its page."""
    algebra = read("docs/algebra.md")
    for name, *_ in rewrite_records():
        if not re.search(rf"^### {re.escape(name)}$", algebra, re.M):
            raise DocError(f"docs/algebra.md has no section `{name}`")
    for dialect in ["attn", "nn"]:
        spec = read(f"docs/spec/{dialect}.md")
        for op in re.findall(r"^### `([\w.]+)` \(::", pages[f"docs/generated/{dialect}.md"], re.M):
            if not re.search(rf"^##+ {re.escape(op)}$", spec, re.M):
                raise DocError(f"docs/spec/{dialect}.md has no section `{op}`")


def rewrite_records():
    """The fields of each record of Rewrites.def."""
    for body in re.findall(r"^ATTUNE_REWRITE\((.*?)\)$", read("lib/Rewrite/Rewrites.def"), re.M | re.S):
        strings = re.sub(r'"\s+"', "", body)
        yield re.findall(r'"([^"]*)"', strings)


def rewrite_table():
    """lib/Rewrite/Rewrites.def as a table."""
    rows = ["| rewrite | when | equation | error beyond float32's | test |", "| --- | --- | --- | --- | --- |"]
    for name, _, condition, equation, page, error in rewrite_records():
        cells = [f"[`{name}`](#{name})", condition, f"`{equation}`", error]
        cells = [cell.replace("|", "\\|") for cell in cells] + [f"[{os.path.basename(page)}](../{page})"]
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def stage_table():
    """The tables of stages, the shared one first."""
    rows = ["| stage | targets | what it does | left afterwards |", "| --- | --- | --- | --- |"]
    for folder, targets in [("Pipeline", "all"), ("Target/CPU", "cpu"), ("Target/GPU", "gpu, gpu-emulator")]:
        text = read(f"lib/{folder}/Stages.def")
        for body in re.findall(r"^ATTUNE_STAGE\((.*?)\)$", text, re.M | re.S):
            strings = re.findall(r'"((?:[^"\\]|\\.)*)"(\s*,)?', body)
            fields = [""]
            for string, comma in strings:
                fields[-1] += string
                if comma:
                    fields.append("")
            name, summary, _, legal = fields
            legal = ", ".join(f"`{word}`" for word in legal.split())
            rows.append(f"| [`{name}`](#{name}) | {targets} | {summary} | {legal} |")
    return rows


def attribute_table():
    """include/attune/Support/PassAttrs.def as a table."""
    rows = ["| attribute | on | set by | read by | stages | meaning |", "| --- | --- | --- | --- | --- | --- |"]
    text = read("include/attune/Support/PassAttrs.def")
    for body in re.findall(r"^ATTUNE_PASS_ATTR\(\w+,(.*?)\)$", text, re.M | re.S):
        fields = ["".join(re.findall(r'"?([^"]*)"?', re.sub(r'"\s*"', "", field))).strip()
                  for field in re.split(r'",\s*(?=")', body)]
        rows.append("| `" + fields[0] + "` | " + " | ".join(fields[1:]) + " |")
    return rows


def fill_lists(path, text, pages):
    """The page with every generated list as it should be."""
    pattern = re.compile(r"^(<!-- (?:constraints of ([\w.]+)|(stages|attributes|rewrites)) -->)\n(.*?)^<!-- end -->$",
                         re.M | re.S)
    tables = {"stages": stage_table, "attributes": attribute_table, "rewrites": rewrite_table}

    def replace(match):
        lines = tables[match.group(3)]() if match.group(3) else constraints(pages, match.group(2))
        return "\n".join([match.group(1), *lines, "<!-- end -->"])

    filled, count = pattern.subn(replace, text)
    if count != len(re.findall(r"^<!-- (?:constraints of|stages|attributes|rewrites)", text, re.M)):
        raise DocError(f"{path}: a generated list has no `<!-- end -->`")
    return filled


def check_links(path, text):
    """Links to files must lead to one."""
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", re.sub(r"```.*?```", "", text, flags=re.S)):
        full = os.path.normpath(os.path.join(ROOT, os.path.dirname(path), target))
        if "://" not in target and not os.path.exists(full):
            raise DocError(f"{path}: link to `{target}`, which is not there")


def hand_written():
    pages = ["README.md"]
    for folder, folders, files in os.walk(os.path.join(ROOT, "docs")):
        folders[:] = sorted(name for name in folders if name != "generated")
        pages += [os.path.relpath(os.path.join(folder, name), ROOT)
                  for name in sorted(files) if name.endswith(".md")]
    return pages


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 where a file differs")
    parser.add_argument("--tblgen", default="", help="path of mlir-tblgen")
    options = parser.parse_args()
    problems, changed = [], []
    try:
        pages = generated_pages(find_tblgen(options.tblgen))
    except DocError as error:
        print(f"docs/gen.py: error: {error}", file=sys.stderr)
        return 1
    written = []
    for path in hand_written():
        try:
            written.append((path, read(path)))
            pages[path] = fill_lists(path, fill(path, written[-1][1]), pages)
        except DocError as error:
            problems.append(str(error))
    try:
        check_spec(pages)
    except DocError as error:
        problems.append(str(error))
    for path, text in pages.items():
        full = os.path.join(ROOT, path)
        if os.path.exists(full) and read(path) == text:
            continue
        changed.append(path)
        if not options.check:
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full + ".new", "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(full + ".new", full)
    for path, text in written:
        try:
            check_links(path, text)
        except DocError as error:
            problems.append(str(error))
    for problem in problems:
        print(f"docs/gen.py: error: {problem}", file=sys.stderr)
    for path in changed:
        print(f"docs/gen.py: {path} {'differs, run tools/dev docs' if options.check else 'written'}")
    return 1 if problems or (options.check and changed) else 0


if __name__ == "__main__":
    sys.exit(main())
