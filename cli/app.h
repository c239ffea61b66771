// The program: reads the line, runs one command, reports once.
#pragma once

namespace skiff::cli {

int main(int argc, char** argv);

}  // namespace skiff::cli
