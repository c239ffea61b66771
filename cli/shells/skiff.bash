# SPDX-License-Identifier: Apache-2.0
# skiff completion for bash and zsh
_skiff_profiles() {
  local folder
  for folder in "${SKIFF_HOME:-$HOME/.skiff}"/profiles/*/; do
    [ -d "$folder" ] && basename "$folder"
  done
}

_skiff() {
  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  case "$previous" in
    -p|--profile) COMPREPLY=($(compgen -W "$(_skiff_profiles)" -- "$current")); return ;;
    -o|--output) COMPREPLY=($(compgen -W "text json" -- "$current")); return ;;
  esac

  # The words before the cursor without flags: "image load".
  local path="" i word skip=""
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${COMP_WORDS[i]}"
    if [ -n "$skip" ]; then skip=""; continue; fi
    case "$word" in
      -p|--profile|-o|--output) skip=yes ;;
      --) return ;;
      -*) ;;
      *) path="${path:+$path }$word" ;;
    esac
  done

  local words="" flags=""
  case "$path" in
#paths#
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$flags #global-flags#" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
  esac
}
complete -o default -F _skiff skiff
