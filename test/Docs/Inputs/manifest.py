# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints the manifest of a compiled program, a line for each argument and result."""
import ctypes
import json
import sys

manifest = json.loads(ctypes.string_at(ctypes.CDLL(sys.argv[1]).attune_manifest))
entries = manifest.pop("entries")
print(json.dumps(manifest)[:-1] + ', "entries": [')
for entry in entries:
    print(f'  {{"name": {json.dumps(entry["name"])}, "sizes": {json.dumps(entry["sizes"])},')
    for key in ["args", "results"]:
        print(f'   "{key}": [')
        print(",\n".join("     " + json.dumps(value) for value in entry[key]))
        print("   ]" + ("," if key == "args" else "}"))
print("]}")
