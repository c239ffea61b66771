// SPDX-License-Identifier: Apache-2.0
// The calls of this program that change the file system, below one folder: rename(2), mkdir(2), unlink(2), rmdir(2) and
// unlinkat(2) are this program's own, and ask here first.
#pragma once

#include <functional>
#include <string>

namespace skiff::sweep {

// Gets "rename profiles/lab/profile.yaml", with the path below the folder and without what is random in it; true: the
// call fails for lack of space. From any thread.
using FileGate = std::function<bool(const std::string& call)>;

// From now on; an empty gate ends it. Not while other threads make such calls.
void watch_files(const std::string& folder, FileGate gate);

}  // namespace skiff::sweep
