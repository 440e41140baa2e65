#!/bin/sh
# Prints what attune-compile is asked, then puts the shared object $STAND_IN where the output belongs,
# and itself on the list of the files that the compiler consists of.
# Without $STAND_IN it fails as for an unsupported program.
if [ -z "$STAND_IN" ]; then
  echo "attune-compile: error: not supported" >&2
  exit 2
fi
echo "attune-compile: $*"
[ "$STAND_IN" = none ] && exit 0
cp "$STAND_IN" "$3"
echo "$0" > "${4#--compiler-files=}"
