#include <openssl/evp.h>

#include <array>

#include "ingest/read/reader.h"

namespace qipu::ingest {

Result<std::string> FileSha256(const std::string& path) {
  const auto window = QIPU_TRY(Window::Open(path));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  bool sound = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  while (sound && QIPU_TRY(window->Extend())) {
    const std::string_view view = window->view();
    sound = EVP_DigestUpdate(context.get(), view.data(), view.size()) == 1;
    window->Consume(view.size());
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (!sound || EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1) {
    return IoError(path + ": SHA-256 is not available in this OpenSSL; check its configuration");
  }
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

}  // namespace qipu::ingest
