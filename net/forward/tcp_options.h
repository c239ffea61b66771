// SPDX-License-Identifier: Apache-2.0
// What every forwarded TCP connection has set. Internal to net/.
#pragma once

namespace skiff::net {

// No delay for small writes; keep-alive probes notice within half a minute when the peer of an idle connection has
// vanished without a word (a killed node). Not TCP_USER_TIMEOUT: it would also break off a reader that only pauses.
void set_tcp_options(int fd);

// Closing then tells the peer of a failure (RST) instead of an orderly end (FIN).
void reset_on_close(int fd);

}  // namespace skiff::net
