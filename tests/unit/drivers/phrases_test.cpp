// SPDX-License-Identifier: Apache-2.0
// Docker's answers. Those of the first test are recorded, from Docker 20.10.24 with runc 1.1.5 (only the ids of
// endpoints are shortened); those of the second are put together by hand for what could not be provoked there, and
// for other releases and runtimes.
#include "drivers/docker/phrases.h"

#include <gtest/gtest.h>

namespace skiff::drivers::docker {
namespace {

using Answers = std::vector<std::pair<Phrase, std::string_view>>;

void expect_understood(const Answers& answers) {
  for (const auto& [phrase, answer] : answers) EXPECT_TRUE(says(answer, phrase)) << answer;
}

TEST(Phrases, RecordedAnswersAreUnderstood) {
  expect_understood({
      // podman 4.3.1
      {Phrase::range_taken, "subnet 192.168.90.0/24 is already used on the host or by another config"},
      // Docker
      {Phrase::range_taken, "Pool overlaps with other one on this address space"},
      {Phrase::port_taken,
       "driver failed programming external connectivity on endpoint host-r3 (85c0e955): Bind for 127.0.0.1:26596 "
       "failed: port is already allocated"},
      {Phrase::port_taken,
       "driver failed programming external connectivity on endpoint host-r9 (55b73e12): Error starting userland proxy: "
       "listen tcp4 127.0.0.1:26597: bind: address already in use"},
      {Phrase::address_absent,
       "driver failed programming external connectivity on endpoint host-r4 (eb9178b6): Error starting userland proxy: "
       "listen tcp4 203.0.113.9:26595: bind: cannot assign requested address"},
      {Phrase::capability_refused,
       "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
       "unable to apply caps: operation not permitted: unknown"},
      {Phrase::device_absent,
       "error gathering device information while adding custom device \"/dev/no-kmsg\": no such file or directory"},
      {Phrase::program_absent,
       "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
       "exec: \"/usr/lib/skiff/absent\": stat /usr/lib/skiff/absent: no such file or directory: unknown"},
  });
}

TEST(Phrases, OtherWordsAreUnderstood) {
  expect_understood({
      {Phrase::range_taken,
       "cannot create network 6c0a (br-6c0a): conflicts with network 12ab (br-12ab): networks have overlapping IPv4"},
      {Phrase::range_taken, "invalid pool request: Pool overlaps with other one on this address space"},
      {Phrase::address_absent,
       "failed to set up container networking: driver failed programming external connectivity on endpoint lab-cp1: "
       "failed to bind host port 203.0.113.9:26443/tcp: cannot assign requested address"},
      {Phrase::disk_full, "write /var/lib/docker/tmp/x: no space left on device"},
  });
}

TEST(Phrases, AreToldApart) {
  EXPECT_FALSE(says("bind: cannot assign requested address", Phrase::port_taken));
  EXPECT_FALSE(says("port is already allocated", Phrase::address_absent));
  EXPECT_FALSE(says("no such container", Phrase::program_absent));
  EXPECT_FALSE(says("", Phrase::disk_full));
}

}  // namespace
}  // namespace skiff::drivers::docker
