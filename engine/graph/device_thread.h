#pragma once
// Internal to engine/graph: the thread of a node that owns an accelerator.
#include <functional>
#include <thread>
#include <utility>

#include <oneapi/tbb/concurrent_queue.h>
#include <oneapi/tbb/flow_graph.h>

#include "engine/graph/flow.h"

namespace mito::graph {

/// Runs bodies on one thread of its own and hands the results back to the graph.
class DeviceThread {
 public:
  using Node = oneapi::tbb::flow::async_node<Bundle, Packet, oneapi::tbb::flow::queueing>;
  using Work = std::function<Packet(const Bundle&)>;

  explicit DeviceThread(Work work) : work_(std::move(work)), thread_([this] { loop(); }) {}
  DeviceThread(const DeviceThread&) = delete;
  DeviceThread& operator=(const DeviceThread&) = delete;
  ~DeviceThread() {
    queue_.push({});  // an empty job ends the loop
    thread_.join();
  }
  void submit(const Bundle& bundle, Node::gateway_type& gateway) {
    gateway.reserve_wait();
    queue_.push({bundle, &gateway});
  }

 private:
  struct Job {
    Bundle bundle;
    Node::gateway_type* gateway = nullptr;
  };
  void loop() {
    while (true) {
      Job job;
      queue_.pop(job);
      if (job.gateway == nullptr) return;
      job.gateway->try_put(work_(job.bundle));
      job.bundle = {};  // give the credit back before the graph may finish
      job.gateway->release_wait();
    }
  }
  Work work_;
  oneapi::tbb::concurrent_bounded_queue<Job> queue_;
  std::thread thread_;  // last: starts when everything else exists
};

}  // namespace mito::graph
