#pragma once
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

// Pages are files of HTML, CSS and JavaScript in tools/report, with one place for their data.
namespace mito::report {

/// The page of one run: tools/report/run.html with its style and scripts, the viewer (bundle.h)
/// among them, and the busy seconds per node. These stand in an element of their own, as they are
/// no result: `mitoloom diff` leaves them out.
std::string run_page(const nlohmann::ordered_json& seconds);

/// The same, where it may load pictures from and talk with the server it comes from.
std::string served_run_page(const nlohmann::ordered_json& seconds);

/// The page of a report: tools/report/report.html with what draws its figures, where the build has
/// it.
std::string report_page();

struct RunPageContent {
  nlohmann::ordered_json data;
  nlohmann::ordered_json seconds;
};

/// What a page of a run was filled with; none when the text is no such page.
std::optional<RunPageContent> content_of(std::string_view page);

/// JSON as the content of a script element: no text in it ends the script or begins a comment, and
/// what is not UTF-8 is a replacement character.
std::string script_json(const nlohmann::ordered_json& json);

/// `page` with `data` in the place of its `{"placeholder": true}`. Nothing else of the page
/// changes, whatever the data hold. Throws Error when the page has no such place.
std::string filled(std::string_view page, const nlohmann::ordered_json& data);

/// RFC 4648, with padding.
std::string base64(std::string_view bytes);

/// A picture as the address of itself. `type`: "jpeg", "png".
std::string data_uri(std::string_view type, std::string_view bytes);

}  // namespace mito::report
