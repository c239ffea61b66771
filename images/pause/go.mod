module skiff.dev/pause

go 1.26
