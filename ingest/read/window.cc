#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "ingest/read/reader.h"

namespace qipu::ingest {

Result<std::unique_ptr<Window>> Window::Open(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    const int why = errno;
    if (why == ENOENT) return NotFound(path + ": no such file; check the path");
    const char* remedy = why == EACCES ? "; ask for permission to read it" : "";
    return IoError(path + ": cannot be opened: " + std::strerror(why) + remedy);
  }
  auto window = std::unique_ptr<Window>(new Window(descriptor, path));
  struct stat status = {};
  if (fstat(descriptor, &status) != 0) {
    return IoError(path + ": cannot be examined: " + std::strerror(errno));
  }
  if (S_ISDIR(status.st_mode)) {
    return InvalidArgument(path + ": is a directory; name the files in it");
  }
  if (!S_ISREG(status.st_mode)) {
    return InvalidArgument(path + ": is not a regular file; save its content to one first");
  }
  return window;
}

Window::Window(int descriptor, std::string path)
    : descriptor_(descriptor), path_(std::move(path)), buffer_(kSampleBytes) {}

Window::~Window() { close(descriptor_); }

Result<bool> Window::Extend() {
  if (at_end_) return false;
  if (end_ == buffer_.size()) {
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    } else if (buffer_.size() < kBytesMax) {
      buffer_.resize(std::min(kBytesMax, 2 * buffer_.size()));
    } else {
      return false;
    }
  }
  ssize_t count;
  do {
    count = read(descriptor_, buffer_.data() + end_, buffer_.size() - end_);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return IoError(path_ + ": cannot be read: " + std::strerror(errno));
  at_end_ = count == 0;
  end_ += static_cast<size_t>(count);
  return count > 0;
}

void Window::Consume(size_t size) {
  begin_ += size;
  offset_ += size;
  if (begin_ == end_) begin_ = end_ = 0;
}

}  // namespace qipu::ingest
