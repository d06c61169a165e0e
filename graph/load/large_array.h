#ifndef QIPU_GRAPH_LOAD_LARGE_ARRAY_H_
#define QIPU_GRAPH_LOAD_LARGE_ARRAY_H_

#include <sys/mman.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace qipu::graph::load {

/// Numbers that are read and written here and there: in pages of 2 MiB where the system has them,
/// since most such reads would otherwise first look for the address of their page. Not set to
/// anything when made.
template <class T>
class LargeArray {
  static_assert(std::is_trivial_v<T>);

 public:
  LargeArray() = default;
  explicit LargeArray(size_t size) : size_(size) {
    constexpr size_t kPageBytes = size_t{2} << 20;
    if (size == 0) return;
    const size_t bytes = (size * sizeof(T) + kPageBytes - 1) / kPageBytes * kPageBytes;
    data_.reset(static_cast<T*>(std::aligned_alloc(kPageBytes, bytes)));
    if (!data_) throw std::bad_alloc();
    madvise(data_.get(), bytes, MADV_HUGEPAGE);  // a wish
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() const { return data_.get(); }
  T& operator[](size_t at) const { return data_.get()[at]; }
  T* begin() const { return data(); }
  T* end() const { return data() + size_; }

 private:
  struct Free {
    void operator()(T* data) const { std::free(data); }
  };
  std::unique_ptr<T, Free> data_;
  size_t size_ = 0;
};

}  // namespace qipu::graph::load

#endif  // QIPU_GRAPH_LOAD_LARGE_ARRAY_H_
