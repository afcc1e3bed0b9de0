#include "tools/view/server.h"

#include <chrono>
#include <thread>

#include <httplib.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::view {
namespace {

constexpr const char* kOnlyHere = "127.0.0.1";
constexpr std::size_t kLongestBody = std::size_t{4} << 20;
/// A browser keeps some connections open, and each takes a thread that mostly waits.
constexpr std::size_t kConnections = 32;
constexpr std::time_t kKeepAliveSeconds = 1;  // so long a server waits when it is stopped
constexpr std::size_t kRequestsPerConnection = 1000;
constexpr std::chrono::milliseconds kStopIsSeenAfter{50};

Request request_of(const httplib::Request& from) {
  return {from.method,
          from.path,
          from.get_param_value("after"),
          from.get_header_value("Host"),
          from.get_header_value("Origin"),
          from.body};
}

void put(const Answer& answer, httplib::Response& to) {
  to.status = answer.status;
  to.set_header("Cache-Control", answer.is_kept ? "private, max-age=3600" : "no-store");
  to.set_header("X-Content-Type-Options", "nosniff");
  to.set_header("X-Frame-Options", "DENY");
  to.set_header("Referrer-Policy", "no-referrer");
  to.set_header("Cross-Origin-Resource-Policy", "same-origin");
  if (!answer.location.empty()) to.set_header("Location", answer.location);
  to.set_content(answer.body, answer.type);
}

/// A server that listens until this goes.
class Listening {
 public:
  explicit Listening(httplib::Server& server)
      : server_(server), thread_([&server] { server.listen_after_bind(); }) {
    while (!server_.is_running())
      std::this_thread::sleep_for(kStopIsSeenAfter);  // or stop() is lost
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  ~Listening() {
    server_.stop();
    thread_.join();
  }

 private:
  httplib::Server& server_;
  std::thread thread_;
};

}  // namespace

void serve(Site& site,
           int port,
           const std::function<void(int port)>& ready,
           const std::atomic<bool>& stop) {
  httplib::Server server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kConnections); };
  server.set_keep_alive_timeout(kKeepAliveSeconds);
  server.set_keep_alive_max_count(kRequestsPerConnection);
  server.set_payload_max_length(kLongestBody);
  server.set_tcp_nodelay(true);
  // The library's own options let another program of this person listen on the same port.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server.set_pre_routing_handler([&](const httplib::Request& from, httplib::Response& to) {
    const auto refused = site.refusal(request_of(from));
    if (!refused) return httplib::Server::HandlerResponse::Unhandled;
    put(*refused, to);
    return httplib::Server::HandlerResponse::Handled;
  });
  const auto answer = [&](const httplib::Request& from, httplib::Response& to) {
    put(site.answer(request_of(from)), to);
  };
  server.Get(".*", answer);  // HEAD, too
  server.Put(".*", answer);
  const int bound = port == 0                              ? server.bind_to_any_port(kOnlyHere)
                    : server.bind_to_port(kOnlyHere, port) ? port
                                                           : -1;
  if (bound < 0)
    throw DataError(fmt::format(
        "port {} is taken, or not to be had: without --port a free one is chosen", port));
  const Listening listening(server);
  ready(bound);
  while (!stop) std::this_thread::sleep_for(kStopIsSeenAfter);
}

}  // namespace mito::view
