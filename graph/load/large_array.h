#ifndef QIPU_GRAPH_LOAD_LARGE_ARRAY_H_
#define QIPU_GRAPH_LOAD_LARGE_ARRAY_H_

#include <sys/mman.h>

#include <cstddef>
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
    constexpr auto kPageBytes = static_cast<size_t>(kPage);
    if (size == 0) return;
    const size_t bytes = size * sizeof(T);
    data_.reset(static_cast<T*>(::operator new(bytes, kPage)));
    const size_t whole_pages = bytes / kPageBytes * kPageBytes;
    if (whole_pages > 0) madvise(data_.get(), whole_pages, MADV_HUGEPAGE);  // a wish
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() const { return data_.get(); }
  T& operator[](size_t at) const { return data_.get()[at]; }
  T* begin() const { return data(); }
  T* end() const { return data() + size_; }

 private:
  static constexpr std::align_val_t kPage{size_t{2} << 20};
  struct Free {
    void operator()(T* data) const { ::operator delete(data, kPage); }
  };
  std::unique_ptr<T, Free> data_;
  size_t size_ = 0;
};

}  // namespace qipu::graph::load

#endif  // QIPU_GRAPH_LOAD_LARGE_ARRAY_H_
