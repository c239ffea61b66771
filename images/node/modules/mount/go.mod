module skiff.dev/skiff-mount

go 1.26
