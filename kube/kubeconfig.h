// SPDX-License-Identifier: Apache-2.0
// kubeconfig documents: those of components inside nodes, and the user's own file.
#pragma once

#include <string>

#include "base/context.h"
#include "kube/pki.h"

namespace skiff::kube {

struct Access {
  std::string name;    // cluster = user = context name
  std::string server;  // https://address:port
  std::string ca_pem;
  KeyPair client;
  std::string context_namespace = {};  // of a new context; empty = none is said
  bool renew_context = false;          // a context that is there already is written anew too
  std::string provider = {};           // whose cluster it is, for tools that look for local ones; empty = not said
  std::string user_server = {};        // what users' kubeconfigs lead to in place of `server`; empty = to that
};

std::string user_server_of(const Access& access);

// A complete document with one cluster, user and context.
std::string to_kubeconfig(const Access& access);

// Pure edits of a kubeconfig text: every entry of another name keeps its bytes, and so do all comments outside our own
// entries. A text whose lists are in flow style (JSON, "clusters: [...]") is written anew as JSON with the same values,
// and refused when that would lose a comment. Errors: kubeconfig_invalid (with file and line) when the text is not a
// kubeconfig; an empty text is one. kubeconfig_conflict when an entry of that name belongs to another cluster: a
// cluster is this one when it trusts this authority, a user when that has issued its certificate, a context when it
// joins this cluster.

// Our entries in, in the place of those of the same name. A context that joins this cluster and user already stays as
// it is (its namespace is the user's), unless the access renews it.
enum class Current { set, keep, set_if_none };  // what becomes of current-context
Result<std::string> with_entry(const std::string& text, const std::string& path, const Access& access, Current current);
// Removes cluster, user and context of that name, and current-context when it names it; leaves those of others.
Result<std::string> without_entry(const std::string& text, const std::string& path, const std::string& name,
                                  const std::string& ca_pem);
// Only unsets current-context when it names `name` and that is ours (on stop).
Result<std::string> without_current(const std::string& text, const std::string& path, const std::string& name,
                                    const std::string& ca_pem);
// Only sets current-context.
Result<std::string> with_current(const std::string& text, const std::string& path, const std::string& name);

struct Contents {
  bool known = false;    // has an entry of the name, whosever it is
  std::string conflict;  // the one that is not ours, such as "the user 'lab'"
  std::string current;   // current-context
};
Result<Contents> contents_of(const std::string& text, const std::string& path, const std::string& name,
                             const std::string& ca_pem);

Error kubeconfig_conflict(const std::string& path, const std::string& what);

enum class KubeconfigState { right, missing, stale };
// Does the text lead to this server under this name?
Result<KubeconfigState> state_of(const std::string& text, const std::string& path, const std::string& name,
                                 const std::string& server);

// The file of the user's that entries of this name go to, by kubectl's rules: of the files in $KUBECONFIG the one that
// has them, else the first that exists, else the last; ~/.kube/config without that variable.
std::string user_kubeconfig_path(const std::string& name = {});
// The current-context of the first file that has one; empty when there is none. kubeconfig_invalid.
Result<std::string> user_current_context();

// The edits above on the user's files, under kubectl's own lock ("<file>.lock", for three seconds at most:
// kubeconfig_busy), written as sys::write_user_file does; nothing is written when nothing changes, or into /dev/null.
// Removals look into all files of $KUBECONFIG. `ca_pem` empty: nothing counts as ours.
Result<void> add_to_user_kubeconfig(const Context& ctx, const Access& access, bool keep_current);
Result<void> remove_from_user_kubeconfig(const Context& ctx, const std::string& name, const std::string& ca_pem);
Result<void> unset_in_user_kubeconfig(const Context& ctx, const std::string& name, const std::string& ca_pem);
Result<KubeconfigState> user_kubeconfig_state(const std::string& name, const std::string& server);
// Whether add_to_user_kubeconfig() could do it, by opening the files and editing their texts in memory: asked before
// anything is made.
Result<void> check_user_kubeconfig(const std::string& name, const std::string& ca_pem);

}  // namespace skiff::kube
