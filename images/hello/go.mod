module skiff.dev/hello

go 1.26
