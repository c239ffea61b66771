# SPDX-License-Identifier: Apache-2.0
# skiff completion for fish
function __skiff_profiles
  set -l home $SKIFF_HOME
  test -n "$home"; or set home $HOME/.skiff
  for folder in $home/profiles/*/
    basename $folder
  end
end

# True when the words before the cursor, flags left out, are exactly the arguments.
function __skiff_at
  set -l words
  set -l skip no
  for word in (commandline -opc)[2..-1]
    if test $skip = yes
      set skip no
      continue
    end
    switch $word
      case -p --profile -o --output
        set skip yes
      case '-*'
      case '*'
        set -a words $word
    end
  end
  test "$words" = "$argv"
end

#paths#
