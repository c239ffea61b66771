module skiff.dev/skiff-relay

go 1.26
