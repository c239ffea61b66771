// SPDX-License-Identifier: Apache-2.0
// Compares a text with tests/golden/files/<name> and shows the difference. With SKIFF_UPDATE_GOLDEN=1 in the
// environment the file is written instead: look at what git says about it before committing.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace skiff::test {

testing::AssertionResult matches_golden(const std::string& text, const std::string& name);

}  // namespace skiff::test
