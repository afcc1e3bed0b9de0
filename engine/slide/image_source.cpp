#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "engine/core/error.h"
#include "engine/slide/pixel_source.h"

namespace mito::slide {
namespace {

enum class Format { Other, Png, Jpeg, Tiff };

Format format_of(const std::filesystem::path& file) {
  std::array<char, 8> head{};
  std::ifstream(file, std::ios::binary).read(head.data(), head.size());
  const std::string_view start(head.data(), head.size());
  if (start == std::string_view("\x89PNG\r\n\x1a\n", 8)) return Format::Png;
  if (start.starts_with("\xff\xd8\xff")) return Format::Jpeg;
  for (const auto magic : {std::string_view("II*\0", 4), std::string_view("MM\0*", 4),
                           std::string_view("II+\0", 4), std::string_view("MM\0+", 4)})
    if (start.starts_with(magic)) return Format::Tiff;
  return Format::Other;
}

// Decoders fill what is missing of a JPEG with grey and say nothing.
bool has_end_of_jpeg(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::int64_t>(in.tellg());
  std::string tail(static_cast<std::size_t>(std::min<std::int64_t>(size, 4096)), '\0');
  in.seekg(size - static_cast<std::int64_t>(tail.size()));
  in.read(tail.data(), static_cast<std::streamsize>(tail.size()));
  return tail.find("\xff\xd9") != std::string::npos;
}

class ImageSource final : public PixelSource {
 public:
  explicit ImageSource(cv::Mat rgb)
      : rgb_(std::move(rgb)), levels_{{rgb_.cols, rgb_.rows, 1.0, 1.0}} {}

  const std::vector<Level>& levels() const override { return levels_; }
  std::string vendor() const override { return "image"; }
  std::map<std::string, std::string> properties() const override { return {}; }

  void read(int, const Rect& area, std::uint8_t* rgb) const override {
    for (std::int64_t y = 0; y < area.height; ++y)
      std::copy_n(rgb_.ptr<std::uint8_t>(static_cast<int>(area.y + y)) + area.x * 3, area.width * 3,
                  rgb + y * area.width * 3);
  }

 private:
  cv::Mat rgb_;
  std::vector<Level> levels_;
};

}  // namespace

std::unique_ptr<PixelSource> open_as_image(const std::filesystem::path& file) {
  const Format format = format_of(file);
  if (format == Format::Other) return nullptr;
  const std::string broken = file.string() + ": the image cannot be decoded; is the file complete?";
  if (format == Format::Jpeg && !has_end_of_jpeg(file)) throw DataError(broken);
  cv::Mat image;
  try {
    image = cv::imread(file.string(), cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& error) {
    throw DataError(broken + " (" + error.err + ")");
  }
  if (image.empty()) throw DataError(broken);
  cv::cvtColor(image, image, cv::COLOR_BGR2RGB);
  return std::make_unique<ImageSource>(std::move(image));
}

}  // namespace mito::slide
