#compdef skiff
# SPDX-License-Identifier: Apache-2.0
# bash's script works in zsh once these are loaded.
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
autoload -Uz bashcompinit && bashcompinit
#bash#
# From a folder of $fpath this file is the function _skiff itself, called to complete: what has just been defined answers at once.
[[ ${funcstack[1]} != _skiff ]] || _bash_complete -o default -F _skiff
