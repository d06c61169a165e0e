#ifndef QIPU_GRAPH_STATUS_H_
#define QIPU_GRAPH_STATUS_H_

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace qipu {

/// What kind of failure an Error is; `tools/main.cc` turns it into the exit code.
enum class ErrorCode {
  kInvalidArgument,  ///< the caller's input is wrong: exit code 2
  kNotFound,         ///< a named thing is absent: exit code 2
  kAlreadyExists,    ///< a thing that must be new is there: exit code 2
  kUnsupported,      ///< valid, but not something this version does: exit code 2
  kRefused,          ///< the answer is no: a check failed, a limit was passed: exit code 1
  kBusy,             ///< another process holds the database: exit code 3
  kIo,               ///< the operating system failed us; outcome as each call says: exit code 3
  kCorruption,       ///< stored bytes are not what was written: exit code 3
};

/// A failure as a value. `message` names what, where (file, line, key) and what to do.
struct Error {
  ErrorCode code;
  std::string message;
};

inline Error InvalidArgument(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}
inline Error NotFound(std::string message) { return {ErrorCode::kNotFound, std::move(message)}; }
inline Error Unsupported(std::string message) {
  return {ErrorCode::kUnsupported, std::move(message)};
}
inline Error IoError(std::string message) { return {ErrorCode::kIo, std::move(message)}; }
inline Error Corruption(std::string message) {
  return {ErrorCode::kCorruption, std::move(message)};
}

/// A T or an Error. Ignoring one is a compile error (-Werror).
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  bool ok() const { return state_.index() == 0; }
  const T& operator*() const& {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  T& operator*() & {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  T&& operator*() && {
    assert(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  const T* operator->() const { return &**this; }
  T* operator->() { return &**this; }
  const Error& error() const {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

struct Ok {};
using Status = Result<Ok>;

// In .cc files only: yields the value, or returns the error from the enclosing function. Within
// braces only as the first member, and in no `new`: when it returns, g++ 12 does not destroy the
// members before it, nor free what `new` has taken.
#define QIPU_TRY(...) QIPU_TRY_1(__COUNTER__, __VA_ARGS__)
#define QIPU_TRY_1(n, ...) QIPU_TRY_2(n, __VA_ARGS__)
#define QIPU_TRY_2(n, ...)               \
  __extension__({                        \
    auto r##n = (__VA_ARGS__);           \
    if (!r##n.ok()) return r##n.error(); \
    *std::move(r##n);                    \
  })

}  // namespace qipu

#endif  // QIPU_GRAPH_STATUS_H_
