// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/nodes/copy.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const auto opened = TRY(cluster::open_profile(session.home, TRY(session.profile())));
  TRY(cluster::copy_file(session.ctx, opened, cluster::parse_place(args.words[0]),
                         cluster::parse_place(args.words[1])));
  return Answer{.data = {{"from", args.words[0]}, {"to", args.words[1]}}};
}

}  // namespace

Command cp_command() {
  return {
      .name = "cp",
      .group = Group::nodes,
      .summary = "Copy a file between this host and the nodes",
      .help =
          "A path in a node has the node's name and a colon before it. Where neither path has one, the file goes from\n"
          "this host to the control plane. Folders that a node lacks on the way are made.\n\n"
          "Examples\n"
          "  skiff cp ./app.conf /etc/app.conf\n"
          "  skiff cp ./app.conf w1:/etc/app/\n"
          "  skiff -p lab cp cp1:/var/log/kubelet.log .\n"
          "  skiff cp w1:/tmp/a w2:/tmp/",
      .positionals = {"[NODE:]FROM [NODE:]TO", 2, 2},
      .run = run,
  };
}

}  // namespace skiff::cli
