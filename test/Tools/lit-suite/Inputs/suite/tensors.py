"""Writes float32 tensors to a safetensors file: tensors.py <file> <name>=<nested JSON list> .."""
import json
import struct
import sys

header, data = {}, b""
for argument in sys.argv[2:]:
    name, text = argument.split("=", 1)
    shape, values = [], [json.loads(text)]
    while values and isinstance(values[0], list):
        shape.append(len(values[0]))
        values = [value for row in values for value in row]
    begin = len(data)
    data += struct.pack(f"<{len(values)}f", *values)
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, len(data)]}
text = json.dumps(header).encode()
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
