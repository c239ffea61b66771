module skiff.dev/storage

go 1.26.0
