# SPDX-License-Identifier: Apache-2.0
"""The rules refuse what they are there to refuse."""
import unittest

import errors_doc
import layers
import licence
import links
import one_definition
import sizes
import texts
import throwing


class Layers(unittest.TestCase):
    def test_upward_and_sideways_includes(self):
        for name, line in [("sys/x.cpp", '#include "cluster/start/start.h"'), ("kube/x.cpp", '#include "drivers/driver.h"'),
                           ("model/x.h", '#include "sys/files.h"'), ("base/x.cpp", '#include "sys/log.h"')]:
            self.assertEqual(len(layers.check(name, line)), 1, line)

    def test_downward_includes(self):
        for name, line in [("cli/x.cpp", '#include "base/json.h"'), ("cluster/x.cpp", '#include "kube/client.h"'),
                           ("kube/x.cpp", '#include "kube/pki.h"'), ("cli/x.cpp", "#include <sys/socket.h>")]:
            self.assertEqual(layers.check(name, line), [], line)

    def test_rooms(self):
        self.assertTrue(layers.check("net/hosts/x.cpp", '#include "net/agent/agent.h"'))
        for line in ['#include "net/address.h"', '#include "net/hosts/hosts_text.h"']:
            self.assertEqual(layers.check("net/helper/x.cpp", line), [], line)

    def test_heavy_headers(self):
        self.assertTrue(layers.check("sys/x.h", "#include <boost/asio.hpp>"))
        self.assertTrue(layers.check("cli/commands/x.cpp", "#include <CLI/CLI.hpp>"))
        self.assertEqual(layers.check("cli/line/flags.cpp", "#include <CLI/CLI.hpp>"), [])


class OneDefinition(unittest.TestCase):
    def test_twice(self):
        one, other = "namespace a::b {\nstruct Pruned {\n  struct Inner {", "namespace a::b {\nclass Pruned final : public X {"
        self.assertEqual(len(one_definition.check([("x.h", one), ("y.h", other)])), 1)
        self.assertEqual(one_definition.check([("x.h", one), ("y.h", other.replace("a::b", "a::c"))]), [])
        self.assertEqual(one_definition.check([("x.h", one), ("y.h", "namespace a::b {\nstruct Pruned;")]), [])


class Texts(unittest.TestCase):
    def test_paths_and_registries(self):
        self.assertTrue(texts.check("README.md", "see /work/main/x"))
        self.assertTrue(texts.check("a.yaml", "image: quay.io/a/b"))
        for line in ["rm -r build/work/x; https://a.test/work/x", 'open(folder + "/work/x")']:
            self.assertEqual(texts.check("README.md", line), [])


class Throwing(unittest.TestCase):
    def test_file_system(self):
        for line in ["if (fs::exists(path)) return;", "auto size = std::filesystem::file_size(name);",
                     "fs::rename(a, f(b, error));", "for (const auto& entry : fs::directory_iterator(path, error)) {",
                     "const fs::path at = fs::absolute(path);"]:
            self.assertEqual(len(throwing.check("sys/x.cpp", "std::error_code error;\n" + line)), 1, line)
        for line in ["if (fs::exists(path, error)) return;", "fs::rename(a,\n  b, error);", "fs::path at(x);",
                     "for (fs::directory_iterator entry(path, error), end; entry != end; entry.increment(error)) {"]:
            self.assertEqual(throwing.check("sys/x.cpp", "std::error_code error;\n" + line), [], line)

    def test_values_of_others(self):
        for line in ["value.as_object()", "texts.emplace_back(word.as_string().c_str());", "list->get_array()",
                     "if (a.is_array()) b.get_array();", "double d = cpus->to_number<double>();", "std::stoi(text)"]:
            self.assertEqual(len(throwing.check("kube/x.cpp", line)), 1, line)
        for line in ["value.if_object()", "if (list.is_array()) {\n  use(list.get_array());\n}",
                     "if (!a->is_string()) return;\nf(a->get_string());", "n.to_number<long>(error)"]:
            self.assertEqual(throwing.check("kube/x.cpp", line), [], line)


class Sizes(unittest.TestCase):
    def test_lines_and_files(self):
        self.assertEqual(sizes.check({"a/x.cpp": "\n" * 400, "a/go.sum": "\n" * 900}), [])
        self.assertEqual(sizes.check({"a/x.cpp": "\n" * 401}), ["a/x.cpp: 401 lines"])
        many = {f"{folder}/{number}": "" for folder in ("a/b", "docs/adr") for number in range(26)}
        self.assertEqual(sizes.check(many), ["a/b/: 26 files"])


class Links(unittest.TestCase):
    def test_links(self):
        files = {"docs/a.md": "# One: two\n", "README.md": ""}
        check = lambda line: links.check("docs/b.md", line, files.get)
        for line in ["[x](a.md)", "[x](a.md#one-two)", "[x](../README.md)", "[x](https://a.test/b)", "`[x](y)`"]:
            self.assertEqual(check(line), [], line)
        for line in ["[x](c.md)", "[x](README.md)", "[x](a.md#two)"]:
            self.assertEqual(len(check(line)), 1, line)


class Licence(unittest.TestCase):
    def test_programs(self):
        line = "SPDX-License-Identifier: Apache-2.0\n"
        self.assertEqual(len(licence.check("a/x.cpp", "\n\n// " + line)), 1)
        self.assertEqual(len(licence.check("run", "#!/bin/sh\ntrue\n")), 1)
        for name, text in [("a/x.cpp", "// " + line), ("run", "#!/bin/sh\n# " + line), ("README.md", "")]:
            self.assertEqual(licence.check(name, text), [], name)


class ErrorsDoc(unittest.TestCase):
    def test_rows(self):
        page, problems = errors_doc.expected('SKIFF_ERROR(usage, "USAGE", 14, "Wrong", "Run \'x\'")\n')
        self.assertIn("| USAGE | 14 | Wrong | Run 'x' |", page)
        self.assertEqual(problems, [])

    def test_line_of_another_form(self):
        self.assertEqual(len(errors_doc.expected("SKIFF_ERROR(usage)\n")[1]), 1)


if __name__ == "__main__":
    unittest.main()
