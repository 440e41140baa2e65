#!/bin/sh
echo "attune-compile: error: not today" >&2
echo "attune-compile: note: perhaps later" >&2
exit 2
