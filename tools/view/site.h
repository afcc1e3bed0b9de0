#pragma once
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "tools/view/slide_site.h"
#include "tools/view/subject.h"

namespace mito::view {

/// What a browser asks, as far as an answer depends on it.
struct Request {
  std::string method;  ///< GET, HEAD, PUT, ...
  std::string path;    ///< Without the query, decoded.
  std::string after;   ///< Of the query; empty: none.
  std::string host;    ///< The header.
  std::string origin;  ///< The header; empty: none.
  std::string body;    ///< Of PUT.
};

struct Answer {
  int status = 200;
  std::string type;
  std::string body;
  std::string location = {};  ///< Of a redirection.
  bool is_kept = false;       ///< The browser may keep it: it never changes.
};

/// Everything that `mitoloom view` answers, without the network. Paths of requests name slides and
/// tiles by number; none of them is ever the name of a file. All members may be called from several
/// threads at once.
///
///   /TOKEN/                        the cohort, or to its only slide
///   /TOKEN/slide/N/                the page of a slide
///   /TOKEN/slide/N/tile/L/X_Y.jpg  a tile of its deep zoom
///   /TOKEN/slide/N/progress        JSON: the run that goes on, and tiles of its map (?after=K)
///   /TOKEN/slide/N/map/P.png       such a tile
///   /TOKEN/slide/N/answers         PUT: the answers of one observer
class Site {
 public:
  Site(std::string token, Subjects subjects, Sources sources);

  /// Asked before the body of a request is read: nothing for a request that may go on. What is
  /// refused: another token, a Host or Origin that is not this machine, methods that would change
  /// anything but answers.
  std::unique_ptr<Answer> refusal(const Request& request) const;

  /// The same, and then the answer. Never throws.
  Answer answer(const Request& request);

 private:
  Answer route(const Request& request, const std::string& rest);
  Answer index();
  std::shared_ptr<SlideSite> slide(std::size_t index);
  /// A slide that is open, or is being opened by whoever holds its mutex.
  struct Opened {
    std::size_t index = 0;
    std::mutex mutex;
    std::shared_ptr<SlideSite> site;
  };
  std::shared_ptr<Opened> recent(std::size_t index);

  std::string token_;
  Subjects subjects_;
  Sources sources_;
  std::mutex mutex_;                         ///< Of what follows.
  std::list<std::shared_ptr<Opened>> open_;  ///< The last one that was asked for first.
};

/// 128 random bits in hexadecimal.
std::string random_token();

}  // namespace mito::view
