module skiff.dev/echo

go 1.26
