module skiff.dev/machine

go 1.26
