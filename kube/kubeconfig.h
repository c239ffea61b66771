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
};

// A complete document with one cluster, user and context.
std::string to_kubeconfig(const Access& access);

// Pure edits of a kubeconfig text: every entry of another name keeps its bytes, and so do all comments outside our own
// entries. Only a text whose lists are not in block style (JSON, "clusters: [...]") is written anew as JSON, with the
// same values. kubeconfig_invalid (with file and line) when the text is not a kubeconfig; an empty text is one.

// Our entries in, in the place of those of the same name. A context that joins this cluster and user already stays as
// it is (its namespace is the user's). `keep_current` leaves current-context alone unless there is none.
Result<std::string> with_entry(const std::string& text, const std::string& path, const Access& access,
                               bool keep_current);
// Removes cluster, user and context of that name, and current-context when it names it.
Result<std::string> without_entry(const std::string& text, const std::string& path, const std::string& name);
// Only unsets current-context when it names `name` (on stop).
Result<std::string> without_current(const std::string& text, const std::string& path, const std::string& name);

enum class KubeconfigState { right, missing, stale };
// Does the text lead to this server under this name?
Result<KubeconfigState> state_of(const std::string& text, const std::string& path, const std::string& name,
                                 const std::string& server);

// The user's kubeconfig: the first file of $KUBECONFIG, else ~/.kube/config.
std::string user_kubeconfig_path();
// Its current-context; empty when there is none. kubeconfig_invalid.
Result<std::string> user_current_context();

// The edits above on the user's file, under a lock beside it, written atomically; nothing is written when nothing
// changes.
Result<void> add_to_user_kubeconfig(const Context& ctx, const Access& access, bool keep_current);
Result<void> remove_from_user_kubeconfig(const Context& ctx, const std::string& name);
Result<void> unset_in_user_kubeconfig(const Context& ctx, const std::string& name);
Result<KubeconfigState> user_kubeconfig_state(const std::string& name, const std::string& server);
// kubeconfig_invalid when the user's file cannot be edited: asked before anything is made.
Result<void> check_user_kubeconfig();

}  // namespace skiff::kube
