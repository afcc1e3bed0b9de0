#include "engine/types/cases.h"

#include <regex>
#include <set>

#include "engine/core/error.h"

namespace mito {

std::string case_of(const std::string& name,
                    const std::string& stated,
                    const std::string& pattern) {
  if (!stated.empty()) return stated;
  if (pattern.empty()) return name;
  std::smatch match;
  if (!std::regex_search(name, match, std::regex(pattern)) || match.str(1).empty())
    throw DataError("case_pattern '" + pattern + "' finds no case in the name '" + name + "'");
  return match.str(1);
}

std::string check_case_pattern(const std::string& pattern) {
  if (pattern.empty()) return "";
  try {
    const std::regex expression(pattern);
    if (expression.mark_count() == 1) return "";
    return "case_pattern '" + pattern + "' has " + std::to_string(expression.mark_count()) +
           " groups in parentheses; it needs exactly one, around the case";
  } catch (const std::regex_error& error) {
    return "case_pattern '" + pattern + "' is no regular expression: " + error.what();
  }
}

void refuse_shared_cases(const CaseList& a, const CaseList& b) {
  const std::set<std::string> in_a(a.cases.begin(), a.cases.end());
  const std::set<std::string> in_b(b.cases.begin(), b.cases.end());
  std::string shared;
  int count = 0;
  for (const auto& name : in_a) {
    if (name.empty() || !in_b.contains(name)) continue;
    shared += (shared.empty() ? "'" : ", '") + name + "'";
    ++count;
  }
  if (count > 0)
    throw DataError((count == 1 ? "case " : "cases ") + shared + (count == 1 ? " is" : " are") +
                    " in the " + std::string(a.role) + " set and in the " + std::string(b.role) +
                    " set; sets must not share cases");
}

}  // namespace mito
