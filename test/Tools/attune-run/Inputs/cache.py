"""attune-run's cache, with a stand-in for the compiler: cache.py <folder of tools> <scratch folder>.

Prints one line for each situation, with what was seen: whether the compiler was called.
"""
import json
import os
import resource
import struct
import subprocess
import sys
import time

tools, work = sys.argv[1:]
compiler = os.path.join(tools, "attune-compile")
model = os.path.join(work, "m.mlir")
os.makedirs(os.path.join(work, "tmp"))
FOOTER = struct.Struct("<16sQQQQQ")


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def make_older(path, seconds):
    when = time.time() - seconds
    os.utime(path, (when, when))


def folder(name):
    return os.path.join(work, name)


def entries(name):
    return sorted(os.listdir(folder(name)))


def start(cache, *options, **more):
    environment = {**os.environ, "TMPDIR": folder("tmp")}
    for name in ["ATTUNE_CACHE", "ATTUNE_CACHE_DIR", "XDG_CACHE_HOME", "HOME"]:
        environment.pop(name, None)
    if cache:
        environment["ATTUNE_CACHE_DIR"] = folder(cache)
    environment.update(more.pop("env", {}))
    command = [os.path.join(tools, "attune-run"), model, "--random=N=5", "--random=E=3",
               "--random=G=1", *options]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **more)


def finish(process):
    out, err = process.communicate(timeout=60)
    called = err.startswith("attune-compile: ")
    assert process.returncode == 0 and err.count("\n") == called, (process.returncode, err)
    return out, "compiled" if called else "cached"


def run(cache, *options, **more):
    """Runs with --json; what it says about the cache and what the compiler saw must agree."""
    out, seen = finish(start(cache, "--json", *options, **more))
    report = json.loads(out)
    assert report["cached"] == (seen == "cached") and report["compile_ms"] > 0, (report, seen)
    assert not os.listdir(folder("tmp"))
    return seen


def checksum(data):
    state = 0x6c62272e07bb014262b821756295c58d
    for byte in data:
        state = (state ^ byte) * ((1 << 88) + 0x13b) % (1 << 128)
    return state >> 64, state & (2**64 - 1)


def changed(entry, change):
    """The entry with other parts and the right lengths and checksum."""
    magic, objects, modules, records, *_ = FOOTER.unpack(entry[-FOOTER.size:])
    parts = change(entry[:objects], entry[objects:objects + modules],
                   entry[objects + modules:-FOOTER.size])
    data = b"".join(parts) + FOOTER.pack(magic, *map(len, parts), 0, 0)[:-16]
    return data + struct.pack("<QQ", *checksum(data))


write(model, b"first")
make_older(compiler, 100)
seen = run("a")
entry = os.path.join(folder("a"), entries("a")[0])
modes = [os.stat(path).st_mode & 0o777 for path in (entry, folder("a"))]
print(f"first run: {seen}, kept in {len(entries('a'))} file, mode {modes[0]:o} in {modes[1]:o}")
print(f"second run: {run('a')},", "no stray files" if len(entries("a")) == 1 else entries("a"))
out, seen = finish(start("a"))
print("text report:", seen if ("by an earlier run" in out) == (seen == "cached") else out)
print("describe:", finish(start("a", "--describe"))[1])

write(model, b"second")
print("changed module:", run("a"))
write(model, b"first")
print("changed back:", run("a"))
print("--no-cache:", run("a", "--no-cache"))
print("ATTUNE_CACHE=off:", run("a", env={"ATTUNE_CACHE": "off"}))

write(compiler, read(compiler) + b"# longer\n")
make_older(compiler, 100)
print(f"compiler of another size: {run('a')}, then {run('a')}")
make_older(compiler, 50)
print(f"compiler of another time: {run('a')}, then {run('a')}")
make_older(compiler, -100)
print(f"compiler written during the run: {run('a')}, {run('a')}")
make_older(compiler, 50)
run("a")

whole = read(entry)
flipped = lambda at: whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]
damaged = [whole[:0], whole[:1], whole[:len(whole) // 2], whole[:-1], whole + b"\n", flipped(0),
           flipped(len(whole) // 2), flipped(whole.index(b"first")), flipped(len(whole) - 1)]
count = 0
for data in damaged:
    write(entry, data)
    count += run("a") == "compiled"
print(f"damaged at every place: compiled {count} times, then {run('a')}")

whole = read(entry)
assert changed(whole, lambda *parts: parts) == whole
write(entry, changed(whole, lambda code, text, record: (b"no ELF", text, record)))
print("shared object that does not load:", run("a"))
os.chmod(entry, 0o666)
print("entry that anyone may write:", run("a"))
write(entry, changed(read(entry), lambda code, text, record:
                     (code, text, record.replace(b"model", b"mode1"))))
print("entry of another processor:", run("a"))

os.chmod(folder("a"), 0o500)
print("read-only folder, with entry:", run("a"))
write(model, b"third")
print("read-only folder, without:", run("a"))
os.chmod(folder("a"), 0o700)
write(folder("file"), b"")
print("a file where the folder should be:", run("file"))
# A limit on the size of files, which the shared object just fits, fails like a full disk.
limit = os.path.getsize(os.environ["STAND_IN"]) + 1
seen = run("full", restore_signals=False,
           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
print(f"full disk: {seen}, {len(entries('full'))} files")

run(None, env={"XDG_CACHE_HOME": folder("xdg")})
print(f"XDG_CACHE_HOME: {len(entries('xdg/attune'))} file in attune")
run(None, env={"XDG_CACHE_HOME": "here", "HOME": folder("home")})
print(f"relative XDG_CACHE_HOME: {len(entries('home/.cache/attune'))} file in .cache/attune")
print("neither:", run(None))

# Three entries of which two fit; the first is the oldest, but used again.
padding = b" " * 400_000
names = []
for text in [b"1", b"2", b"3"]:
    write(model, text + padding)
    if text == b"3":
        for age, name in enumerate(names):
            make_older(os.path.join(folder("small"), name), 1000 - age)
        write(model, b"1" + padding)
        assert run("small", env={"ATTUNE_CACHE_MIB": "1"}) == "cached"
        write(model, text + padding)
    run("small", env={"ATTUNE_CACHE_MIB": "1"})
    names += sorted(set(entries("small")) - set(names))
left = [names.index(name) + 1 for name in entries("small")]
print("eviction:", "oldest gone, used one kept" if sorted(left) == [1, 3] else left)

write(model, b"at once")
for _ in range(5):
    for name in entries("many") if os.path.isdir(folder("many")) else []:
        os.remove(os.path.join(folder("many"), name))
    for process in [start("many", "--json") for _ in range(8)]:
        finish(process)
    assert len(entries("many")) == 1 and run("many") == "cached"
print("8 runs at once, 5 times over: all succeed, 1 file, nothing half-written")
