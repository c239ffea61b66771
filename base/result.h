// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error. Every call that can fail returns one; nothing in skiff throws across a
// function boundary (an adapter catches the exceptions of the library it wraps).
#pragma once

#include <utility>
#include <variant>

#include "base/error.h"

namespace skiff {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  const T& value() const& { return std::get<0>(state_); }
  T& value() & { return std::get<0>(state_); }
  T value() && { return std::get<0>(std::move(state_)); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }
  T value_or(T other) const {
    if (ok()) return value();
    return other;
  }

  const Error& error() const& { return std::get<1>(state_); }
  Error& error() & { return std::get<1>(state_); }
  Error error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}  // NOLINT: implicit by design

  bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  void value() const {}

  const Error& error() const& { return error_; }
  Error& error() & { return error_; }
  Error error() && { return std::move(error_); }

 private:
  Error error_;
  bool ok_ = true;
};

// Adds one line to the error's trail ("while doing ...") and passes everything else through.
template <class T>
Result<T> with_trail(Result<T> result, std::string doing) {
  if (!result.ok()) result.error().trail.push_back(std::move(doing));
  return result;
}

}  // namespace skiff

// TRY(expression) is the expression's value, or returns its Error from the enclosing function.
// A statement expression is the only spelling that works inside any expression; GCC and clang both have it.
#define SKIFF_TRY_NAMED(name, expression)           \
  __extension__({                                   \
    auto name = (expression);                       \
    if (!name.ok()) return std::move(name).error(); \
    std::move(name).value();                        \
  })
#define SKIFF_TRY_CAT2(a, b) a##b
#define SKIFF_TRY_CAT(a, b) SKIFF_TRY_CAT2(a, b)
#define TRY(expression) SKIFF_TRY_NAMED(SKIFF_TRY_CAT(try_, __COUNTER__), expression)
