# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Calls an entry of a compiled program with sizes that it is to refuse, and without any data.

call_sizes.py m.so entry <size>..    prints the status and the message
"""
import ctypes
import sys

program, entry, *sizes = sys.argv[1:]
call = getattr(ctypes.CDLL(program), "attune_call_" + entry)
nothing = (ctypes.c_void_p * 16)()
message = ctypes.create_string_buffer(256)
status = call((ctypes.c_int64 * len(sizes))(*map(int, sizes)), nothing, nothing, message, ctypes.c_int64(256))
print(f"{status}: {message.value.decode()}")
