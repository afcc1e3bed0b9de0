#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace mito {

/// The case (patient) of an image: what its annotations state; else, with a `pattern`, its group in
/// the image's name; else the name itself (method 1.4). `pattern`: a regular expression with one
/// group, such as "^(TCGA-..-....)". Throws DataError naming the image when the name does not
/// match.
std::string case_of(const std::string& name, const std::string& stated, const std::string& pattern);

/// What is wrong with a pattern of case_of(), or empty. An empty pattern is fine.
std::string check_case_pattern(const std::string& pattern);

/// Cases in the hands of one user: "evaluation", "training", "tuning".
struct CaseList {
  std::string_view role;
  const std::vector<std::string>& cases;
};

/// Throws DataError naming the roles and every case that is in both lists: what a network was
/// trained or tuned on says nothing about how well it works (method 1.4). Empty names, of cases
/// that are not known, are in no list.
void refuse_shared_cases(const CaseList& a, const CaseList& b);

}  // namespace mito
