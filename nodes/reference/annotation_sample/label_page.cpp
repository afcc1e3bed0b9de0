#include "nodes/reference/annotation_sample/label_page.h"

#include <nlohmann/json.hpp>

#include "engine/report/template.h"
#include "engine/report/texts.h"

namespace mito::annotation_sample {

std::string page_html(const Page& page) {
  nlohmann::ordered_json data{{"draw", page.draw},
                              {"question", page.question},
                              {"hint", page.hint},
                              {"columns", page.columns},
                              {"labels", nlohmann::ordered_json::array()},
                              {"samples", nlohmann::ordered_json::array()}};
  for (const auto& label : page.labels)
    data["labels"].push_back({{"value", label.value}, {"text", label.text}});
  for (const auto& sample : page.samples)
    data["samples"].push_back({sample.sample, report::base64(sample.jpeg)});
  return report::filled(report::label_page_text(), data);
}

}  // namespace mito::annotation_sample
