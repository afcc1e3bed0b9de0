#pragma once
#include <span>
#include <string>
#include <vector>

namespace mito::annotation_sample {

/// One of the two answers to the question.
struct PageLabel {
  std::string value;  ///< As in the label file: "mitotic".
  std::string text;   ///< As on the screen: "Mitotic".
};

/// What the page shows. The observer must learn nothing but the picture: no slide, place or score.
struct PageSample {
  std::string sample;
  std::string jpeg;  ///< Bytes.
};

struct Page {
  std::string draw;      ///< Digest of the sheet: keeps the work on different sheets apart.
  std::string question;  ///< A heading.
  std::string hint;      ///< A sentence for the observer.
  std::vector<PageLabel> labels;
  int columns = 8;
  std::vector<PageSample> samples;
};

/// The whole page, tools/report/label.html, as one HTML file that needs no network.
std::string page_html(const Page& page);

}  // namespace mito::annotation_sample
