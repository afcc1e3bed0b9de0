#include "engine/slide/copied_source.h"

#include <string>
#include <utility>

#include "engine/core/error.h"

namespace mito::slide {
namespace {

class CopiedSource final : public PixelSource {
 public:
  CopiedSource(std::unique_ptr<PixelSource> source, LocalCopies::Held copy, std::string path)
      : copy_(std::move(copy)), path_(std::move(path)), source_(std::move(source)) {}

  const std::vector<Level>& levels() const override { return source_->levels(); }
  std::string vendor() const override { return source_->vendor(); }
  std::map<std::string, std::string> properties() const override { return source_->properties(); }
  void read(int level, const Rect& area, std::uint8_t* rgb, std::uint8_t* scanned) const override {
    try {
      source_->read(level, area, rgb, scanned);
    } catch (const DataError& error) {
      std::string text = error.what();
      const std::string name = copy_->file().string();
      for (auto at = text.find(name); at != std::string::npos;
           at = text.find(name, at + path_.size()))
        text.replace(at, name.size(), path_);
      throw DataError(text);
    }
  }

 private:
  LocalCopies::Held copy_;
  std::string path_;
  std::unique_ptr<PixelSource> source_;  // closed before the copy is removed
};

}  // namespace

std::unique_ptr<PixelSource> read_from_copy(std::unique_ptr<PixelSource> source,
                                            LocalCopies::Held copy,
                                            const std::filesystem::path& path) {
  return std::make_unique<CopiedSource>(std::move(source), std::move(copy), path.string());
}

}  // namespace mito::slide
