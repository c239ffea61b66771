#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the program itself weighs: bench/binary.sh [ROUNDS]. Prints its size, also without its symbols, and the median time in
# microseconds of the shortest command and, beside it, of a program that does nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
source bench/lib.sh
rounds=${1:-50}

strip -o "$work/stripped" "$skiff"
printf '%-24s %8s KiB\n' size $(($(stat -c %s "$skiff") / 1024)) stripped $(($(stat -c %s "$work/stripped") / 1024))

microseconds() {  # microseconds LABEL COMMAND...: one more line of times
  local label=$1 begin
  shift
  begin=$(now)
  "$@" >>"$work/out" 2>>"$work/err"
  echo "$label $((($(now) - begin) / 1000))" >>"$work/times"
}
for round in $(seq "$rounds"); do
  microseconds /bin/true /bin/true
  microseconds version "$skiff" version
done
for label in $(labels "$work/times"); do printf '%-24s %8s us\n' "$label" "$(median "$work/times" "$label")"; done
