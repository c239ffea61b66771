// SPDX-License-Identifier: Apache-2.0
#include "cli/help/man_page.h"

#include "base/strings.h"
#include "cli/help/help.h"
#include "cli/line/flags.h"
#include "model/versions.h"

namespace skiff::cli {
namespace {

constexpr std::string_view description =
    R"(skiff makes the nodes of a cluster as Docker containers or as virtual machines of libvirt, starts Kubernetes on them, and
is done when the cluster is usable: every node Ready, and DNS answering on each. It runs no daemon; what exists is asked
of Docker or libvirt.
)";

constexpr std::string_view last_sections = R"(.SH EXIT STATUS
0 when all went well. Each failure is told once, with its causes, advice and an id, and has an exit code of its own: its decade
names the source of the trouble, its last digit the class. docs/errors.md lists them all; 130 is Ctrl\-C.
\fBskiff status\fR, \fBskiff ssh\fR and \fBskiff kubectl\fR have codes of their own.
.SH ENVIRONMENT
.TP
\fBSKIFF_HOME\fR
where profiles, locks and logs lie (default: ~/.skiff)
.TP
\fBSKIFF_CACHE_DIR\fR
where built images lie (default: cache in the folder above)
.TP
\fBSKIFF_IMAGES\fR
a folder, or its address on the web, that \fBskiff node\-image save\fR has written: images come from there, and are not built
.TP
\fBSKIFF_PROFILE\fR
the cluster to work on, where neither \fB\-\-profile\fR nor \fBskiff config set profile\fR names one
.TP
\fBKUBECONFIG\fR
the file that clusters are entered into (default: ~/.kube/config)
.TP
\fBDOCKER_HOST\fR, \fBDOCKER_CONTEXT\fR
which Docker makes the nodes, as for docker(1)
.TP
\fBNO_COLOR\fR
no colours
.SH FILES
.TP
~/.skiff/profiles/NAME
what a cluster is, and the keys of its authorities
.TP
~/.skiff/logs
what the last runs did; \fBskiff logs \-\-own\fR names the newest
.SH SEE ALSO
docker(1), virsh(1), sudoers(5)
)";

// Text as roff takes it: its own signs told from the text's, and the ASCII ones kept ASCII, so that examples can be
// copied.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '~':
        out += "\\(ti";
        break;
      case '"':
        out += "\\(dq";
        break;
      default:
        out += c;
    }
  }
  return out.starts_with('.') ? "\\&" + out : out;
}

std::string bold(std::string_view text) { return "\\fB" + escaped(text) + "\\fR"; }

std::string flag_entries(std::span<const Flag> flags) {
  std::string out;
  for (const auto& flag : flags) {
    out += ".TP\n";
    if (flag.letter != 0) out += bold(std::string("-") + flag.letter) + ", ";
    out += bold("--" + std::string(flag.name));
    if (!flag.value.empty()) out += " \\fI" + escaped(flag.value) + "\\fR";
    out += "\n" + escaped(flag.help) + "\n";
  }
  return out;
}

// Indented lines are examples and tables, and stay lines; the others are paragraphs, which man fills.
std::string paragraphs(std::string_view help) {
  std::string out;
  for (const auto& block : split(replace_all(help, "\n\n", "\f"), '\f')) {
    out += ".PP\n";
    bool as_it_is = false;
    for (const auto& line : split(block, '\n')) {
      if (line.empty()) continue;
      if (line.starts_with(' ') != as_it_is) out += as_it_is ? ".fi\n" : ".nf\n";
      as_it_is = line.starts_with(' ');
      out += escaped(line) + "\n";
    }
    if (as_it_is) out += ".fi\n";
  }
  return out;
}

std::string section_of(const Command& command) {
  std::string out = ".SS \"" + escaped(usage_of(command)) + "\"\n" + escaped(command.summary) + ".\n";
  if (!command.help.empty()) out += paragraphs(command.help);
  return out + flag_entries(command.flags);
}

}  // namespace

std::string man_page(std::span<const Command> commands) {
  std::string out = ".TH SKIFF 1 \"\" \"skiff " + escaped(versions::skiff) + "\" \"User Commands\"\n";
  out += ".SH NAME\nskiff \\- run local Kubernetes clusters\n";
  out += ".SH SYNOPSIS\n\\fBskiff\\fR \\fICOMMAND\\fR [flags]\n";
  out += ".SH DESCRIPTION\n" + std::string(description);
  out += ".SH FLAGS OF EVERY COMMAND\n" + flag_entries(global_flags());
  for (const auto& group : command_groups(commands)) {
    out += ".SH \"" + escaped(group.title) + "\"\n";
    for (const auto* command : group.members) out += section_of(*command);
  }
  return out + std::string(last_sections);
}

}  // namespace skiff::cli
