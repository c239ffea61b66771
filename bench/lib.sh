# SPDX-License-Identifier: Apache-2.0
# What the benchmarks share; sourced by them. Clusters live in a home of their own and are deleted at the end.
skiff=$PWD/build/skiff
export SKIFF_CACHE_DIR=${SKIFF_CACHE_DIR:-$HOME/.skiff/cache}
work=$(mktemp -d)
export SKIFF_HOME=$work/home KUBECONFIG=$work/kubeconfig
trap '"$skiff" delete --all >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

now() { date +%s%N; }

timed() {  # timed FILE LABEL COMMAND...: its milliseconds, as one more line of FILE
  local file=$1 label=$2 begin
  shift 2
  begin=$(now)
  "$@" >>"$work/out" 2>>"$work/err"
  echo "$label $((($(now) - begin) / 1000000))" >>"$file"
}

steps_of() {  # steps_of COMMAND...: each step that it reports, with its milliseconds
  "$@" -o json 2>>"$work/err" |
    sed -n 's/.*"type":"dev.skiff.step.finished".*"step":"\([a-z-]*\)".*"took_ms":\([0-9]*\).*/\1 \2/p'
}

labels() { awk '!seen[$1]++ {print $1}' "$@"; }
median() { awk -v want="$2" '$1==want {print $2}' "$1" | sort -n | awk '{v[NR]=$1} END {print NR ? v[int((NR+1)/2)] : "-"}'; }
