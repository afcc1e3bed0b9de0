#include "tools/view/server.h"

#include <future>
#include <thread>

#include <httplib.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "tests/support/drawn_slide.h"

namespace mito::view {
namespace {

using ::testing::HasSubstr;

constexpr const char* kToken = "0123456789abcdef0123456789abcdef";

/// A server on a free port, until the end of the test.
class ViewServer : public ::testing::Test {
 protected:
  ViewServer() : site_(kToken, subjects_of({test::draw_slide(folder_.path())}), {}) {
    std::promise<int> ready;
    serving_ = std::thread([&] {
      serve(
          site_, 0, [&](int port) { ready.set_value(port); }, stop_);
    });
    port_ = ready.get_future().get();
  }
  ~ViewServer() override { end(); }
  void end() {
    stop_ = true;
    if (serving_.joinable()) serving_.join();
  }
  httplib::Client client(const std::string& host = "127.0.0.1") const {
    return httplib::Client(host, port_);
  }
  static std::string at(const std::string& path) { return "/" + std::string(kToken) + path; }

  test::TempFolder folder_;
  Site site_;
  std::atomic<bool> stop_{false};
  std::thread serving_;
  int port_ = 0;
};

TEST_F(ViewServer, AnswersOnThisAddressOnly) {
  EXPECT_EQ(client().Get(at("/slide/0/tile/10/0_0.jpg"))->status, 200);
  EXPECT_FALSE(client("127.0.0.2").Get(at("/")));  // another address, though of this machine
}

TEST_F(ViewServer, RefusesWhatTheSiteRefuses) {
  EXPECT_EQ(client().Get("/")->status, 403);
  EXPECT_EQ(client().Get("/wrong/")->status, 403);
  EXPECT_EQ(client().Get(at("/"), {{"Host", "example.org"}})->status, 403);
  for (const char* path : {"/../etc/passwd", "/%2e%2e/etc/passwd", "/slide/0/..%2f..%2frun.html"})
    EXPECT_EQ(client().Get(at(path))->status, 404) << path;
  EXPECT_EQ(client().Post(at("/slide/0/answers"), "{}", "application/json")->status, 405);
  EXPECT_EQ(client().Put("/wrong/answers", "{}", "application/json")->status, 403);
}

TEST_F(ViewServer, TellsBrowsersToKeepTheAddressToThemselves) {
  const auto answer = client().Get(at("/slide/0/"));

  EXPECT_EQ(answer->get_header_value("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(answer->get_header_value("X-Frame-Options"), "DENY");
  EXPECT_EQ(answer->get_header_value("Cache-Control"), "no-store");
}

TEST_F(ViewServer, EndsWhenItIsStopped) {
  end();

  EXPECT_FALSE(client().Get(at("/")));
}

TEST_F(ViewServer, SaysThatAPortIsTaken) {
  std::atomic<bool> stop{true};
  Site other(kToken, {}, {});
  try {
    serve(
        other, port_, [](int) {}, stop);
    FAIL() << "two servers on one port";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("port " + std::to_string(port_) + " is taken"));
  }
}

}  // namespace
}  // namespace mito::view
