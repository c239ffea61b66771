#include "cli/app.h"

int main(int argc, char** argv) { return skiff::cli::main(argc, argv); }
