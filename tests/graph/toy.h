#pragma once
// Small nodes with known results, so that the graph can be tested without slides.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "engine/graph/graph.h"
#include "engine/graph/node.h"
#include "tests/support/temp_folder.h"

namespace mito::toy {

struct Numbers {
  std::vector<int> values;
};
struct Number {
  std::int64_t value = 0;
};
struct Cohort {
  std::vector<int> parts;  ///< Parts of each item.
};
struct Item {
  int id = 0;
  int parts = 0;
};
/// What bodies did, counted from outside.
struct Counters {
  std::atomic<int> read{0};
  std::atomic<int> squared{0};
  std::atomic<int> at_once{0};
  std::atomic<int> at_once_most{0};
  std::mutex mutex;             ///< Of what follows.
  std::set<int> prepared = {};  ///< Items.
};
inline Counters& counters() {
  static Counters c;
  return c;
}

}  // namespace mito::toy

namespace mito {
template <>
struct Payload<toy::Numbers> {
  static constexpr TypeDesc kDesc{"Numbers", 1};
};
template <>
struct Payload<toy::Number> {
  static constexpr TypeDesc kDesc{"Number", 1};
};
template <>
struct Payload<toy::Cohort> {
  static constexpr TypeDesc kDesc{"Cohort", 1};
};
template <>
struct Payload<toy::Item> {
  static constexpr TypeDesc kDesc{"Item", 1};
};
template <>
struct Codec<toy::Number> {
  static Record encode(const toy::Number& n) {
    Record r;
    r.attributes["value"] = n.value;
    return r;
  }
  static toy::Number decode(const Record& r) { return {r.integer("value")}; }
};
}  // namespace mito

namespace mito::toy {

struct Items {
  static constexpr graph::NodeInfo kInfo{.type = "items",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Opens items.",
                                         .inputs = {"cohort"},
                                         .output = "item"};
  struct Params {
    int fail_at = -1;
    static void describe(auto& p, auto&& field) {
      field("fail_at", p.fail_at, {.range = {-1, 100}, .doc = "Item that cannot be opened."});
    }
  };
  struct Plan {
    Params params;
    Cohort cohort;
    std::size_t size() const { return cohort.parts.size(); }
  };
  static Plan plan(const Params& params, const Cohort& cohort) { return {params, cohort}; }
  static Item element(const Plan& plan, std::uint32_t i) {
    if (static_cast<int>(i) == plan.params.fail_at) throw DataError("not a slide");
    return {static_cast<int>(i), plan.cohort.parts[i]};
  }
  static void prepare(const Plan& /*plan*/, std::uint32_t i) {
    const std::lock_guard lock(counters().mutex);
    counters().prepared.insert(static_cast<int>(i));
  }
  static graph::ItemIdentity identity(const Plan& plan, std::uint32_t i) {
    return {"digest-" + std::to_string(i) + "-" + std::to_string(plan.cohort.parts[i]),
            "slide" + std::to_string(i), "slide" + std::to_string(i)};
  }
};

struct Parts {
  static constexpr graph::NodeInfo kInfo{.type = "parts",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Reads parts.",
                                         .inputs = {"item"},
                                         .output = "number"};
  struct Params {
    int fail_at = -1;
    double delay_s = 0;
    double part_mib = 0;
    static void describe(auto& p, auto&& field) {
      field("fail_at", p.fail_at, {.range = {-1, 1e6}, .doc = "Part that cannot be read."});
      field(
          "part_mib", p.part_mib,
          {.unit = Unit::Mebibyte, .affects = Affects::Execution, .doc = "What it says it takes."});
      field("delay_s", p.delay_s,
            {.unit = Unit::Second, .affects = Affects::Execution, .doc = "Time a part takes."});
    }
  };
  struct Plan {
    Params params;
    Item item;
    std::size_t size() const { return static_cast<std::size_t>(item.parts); }
  };
  static Plan plan(const Params& params, const Item& item) { return {params, item}; }
  static graph::Cost cost(const Params& params, const Item& item) {
    return {.parts = item.parts, .part_mib = params.part_mib};
  }
  static Number element(const Plan& plan, std::uint32_t i) {
    if (static_cast<int>(i) == plan.params.fail_at)
      throw std::runtime_error("cannot decode JPEG block");
    ++counters().read;
    const double delay = plan.params.delay_s + (i == 0 ? 0.005 : 0);  // provoke reordering
    std::this_thread::sleep_for(std::chrono::duration<double>(delay));
    return {plan.item.id * 1000 + static_cast<int>(i)};
  }
};

struct Square {
  static constexpr graph::NodeInfo kInfo{.type = "square",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Squares a number.",
                                         .inputs = {"number"},
                                         .output = "number"};
  struct Params {
    double scale = 1;
    int more = 0;
    static void describe(auto& p, auto&& field) {
      field("scale", p.scale, {.range = {0, 10}, .doc = "Factor."});
      field("more", p.more, {.affects = Affects::Addition, .doc = "Added; came later."});
    }
  };
  static Number run(const Params& p, const Number& n) {
    ++counters().squared;
    return {static_cast<std::int64_t>(p.scale) * n.value * n.value + p.more};
  }
};

struct OnDevice {
  static constexpr graph::NodeInfo kInfo{.type = "on_device",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Passes numbers through one thread.",
                                         .inputs = {"number"},
                                         .output = "number",
                                         .concurrency = graph::Concurrency::Device};
  struct State {
    std::thread::id made_on;
  };
  static State prepare(const NoParams&) { return {std::this_thread::get_id()}; }
  static Number run(const State& state, const Number& n) {
    if (state.made_on != std::this_thread::get_id()) throw std::runtime_error("two threads");
    return n;
  }
};

/// Waits for an accelerator where it is told to use one, and counts how many do at a time.
struct Accelerated {
  static constexpr graph::NodeInfo kInfo{.type = "accelerated",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Passes numbers on after 5 ms.",
                                         .inputs = {"number"},
                                         .output = "number",
                                         .concurrency = graph::Concurrency::Device};
  struct Params {
    std::string device = "auto";
    static void describe(auto& p, auto&& field) { field("device", p.device, device_field("-")); }
  };
  static Number run(const Params&, const Number& n) {
    const int now = ++counters().at_once;
    int most = counters().at_once_most;
    while (most < now && !counters().at_once_most.compare_exchange_weak(most, now)) {
    }
    // Long enough for another one to begin on a busy machine, too.
    for (int i = 0; i < 20 && counters().at_once_most < 2; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    --counters().at_once;
    return n;
  }
};

/// Works long, and says so from time to time.
struct Patient {
  static constexpr graph::NodeInfo kInfo{.type = "patient",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Reports progress for 0.4 s.",
                                         .inputs = {"item"},
                                         .output = "number"};
  static Number run(const graph::NodeContext& context, const Item& item) {
    for (int step = 0; step < 20; ++step) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      context.progress("working", step / 20.0);
    }
    return {item.id};
  }
};

/// Joins a part with a value of its item and, when connected, one of the run.
struct Join {
  static constexpr graph::NodeInfo kInfo{.type = "join",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Adds numbers of three layers.",
                                         .inputs = {"number", "item", "extra"},
                                         .output = "number"};
  static Number run(const Number& n, const Item& item, const Number* extra) {
    return {n.value + item.id + (extra == nullptr ? 0 : extra->value)};
  }
};

struct List {
  static constexpr graph::NodeInfo kInfo{.type = "list",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Lists the numbers of an item.",
                                         .inputs = {"number", "item"},
                                         .output = "numbers"};
  static Numbers begin(std::uint32_t, const Item& item) { return {{-item.id}}; }
  static void add(Numbers& acc, std::uint32_t, const Number& n) {
    acc.values.push_back(static_cast<int>(n.value));
  }
};

struct Sum {
  static constexpr graph::NodeInfo kInfo{.type = "sum",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Adds up.",
                                         .inputs = {"number"},
                                         .output = "number"};
  static void add(Number& acc, std::uint32_t index, const Number& n) {
    // Depends on the order on purpose; unsigned, because long sums may wrap around.
    acc.value = static_cast<std::int64_t>(static_cast<std::uint64_t>(acc.value) * 3 +
                                          static_cast<std::uint64_t>(n.value) + index);
  }
};

/// A sum that keeps a checkpoint after every element and fails before element `fail_at`, or the
/// end.
struct Careful {
  static constexpr graph::NodeInfo kInfo{.type = "careful",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Adds up, with a checkpoint.",
                                         .inputs = {"number"},
                                         .output = "number"};
  struct Params {
    int fail_at = -1;
    static void describe(auto& p, auto&& field) {
      field("fail_at", p.fail_at,
            {.range = {-1, 1e6}, .affects = Affects::Execution, .doc = "Where it gives up."});
    }
  };
  struct Acc {
    std::filesystem::path file;
    int fail_at = -1;
    std::uint32_t added = 0;
    std::int64_t value = 0;
  };
  static std::filesystem::path checkpoint(const graph::NodeContext& context) {
    return context.scratch / "sum.txt";
  }
  static std::uint32_t resumes_at(const Params&, const graph::NodeContext& context) {
    std::uint32_t added = 0;
    std::ifstream(checkpoint(context)) >> added;
    return added;
  }
  static Acc begin(const Params& params, const graph::NodeContext& context, std::uint32_t) {
    Acc acc{checkpoint(context), params.fail_at};
    std::filesystem::create_directories(context.scratch);
    std::ifstream(acc.file) >> acc.added >> acc.value;
    return acc;
  }
  static void add(Acc& acc, std::uint32_t index, const Number& n) {
    if (index != acc.added) throw std::runtime_error("not the next element");
    if (static_cast<int>(index) == acc.fail_at) throw std::runtime_error("power failure");
    acc.value = acc.value * 3 % 1000003 + n.value;
    std::ofstream(acc.file) << ++acc.added << ' ' << acc.value << '\n';
  }
  static Number finish(Acc acc) {
    if (static_cast<int>(acc.added) == acc.fail_at) throw std::runtime_error("power failure");
    return {acc.value};
  }
};

struct Write {
  static constexpr graph::NodeInfo kInfo{.type = "write",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Writes a number.",
                                         .inputs = {"number"},
                                         .sink = true};
  static OutputFile run(const Number& n) { return {"number.txt", std::to_string(n.value) + "\n"}; }
};

struct Constant {
  static constexpr graph::NodeInfo kInfo{.type = "constant",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Yields a number.",
                                         .output = "number"};
  struct Params {
    std::int64_t value = 5;
    static void describe(auto& p, auto&& field) {
      field("value", p.value, {.range = {0, 1e9}, .doc = "The number."});
    }
  };
  static Number run(const Params& p) { return {p.value}; }
};

/// Items that only a run makes out.
struct Gathering {
  static constexpr graph::NodeInfo kInfo{.type = "gathering",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Makes a cohort of a number.",
                                         .inputs = {"number"},
                                         .output = "cohort"};
  struct Params {
    int more = 0;
    static void describe(auto& p, auto&& field) {
      field("more", p.more, {.range = {0, 100}, .doc = "Further items."});
    }
  };
  static Cohort run(const Params& p, const Number& n) {
    Cohort out{{2, static_cast<int>(n.value % 5)}};
    out.parts.resize(out.parts.size() + static_cast<std::size_t>(p.more), 1);
    return out;
  }
};

/// Takes whichever of its inputs are connected.
struct Either {
  static constexpr graph::NodeInfo kInfo{.type = "either",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Adds what there is.",
                                         .inputs = {"one", "other"},
                                         .output = "number"};
  static Number run(const Number* one, const Number* other) {
    return {(one == nullptr ? 0 : one->value) + (other == nullptr ? 0 : other->value)};
  }
};

inline graph::Registry registry() {
  graph::Registry r;
  r.add<Items>();
  r.add<Parts>();
  r.add<Square>();
  r.add<OnDevice>();
  r.add<Accelerated>();
  r.add<Patient>();
  r.add<Join>();
  r.add<List>();
  r.add<Sum>();
  r.add<Careful>();
  r.add<Write>();
  r.add<Constant>();
  r.add<Either>();
  r.add<Gathering>();
  return r;
}

/// Keeps records in memory; what the HDF5 store does on disk.
class MemoryStore final : public graph::ArtefactStore {
 public:
  MemoryStore() = default;
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  bool complete(const std::string&, const std::string& key) const override {
    const std::lock_guard lock(mutex_);
    const auto it = parts_.find(key);
    return it != parts_.end() && it->second->records.size() == it->second->size;
  }
  std::shared_ptr<graph::Artefact> open(const graph::ArtefactInfo& info) override {
    const std::lock_guard lock(mutex_);
    auto& content = parts_[info.key];
    if (content == nullptr) content = std::make_shared<Content>();
    content->size = info.parts;
    content->until_used = info.until_used && (content->until_used || content->records.empty());
    infos.push_back(info);
    return std::make_shared<Open>(content, *this);
  }
  bool release(const std::string& node_type, const std::string& key) override {
    const std::lock_guard lock(mutex_);
    const auto it = parts_.find(key);
    if (it == parts_.end() || !it->second->until_used || it->second.use_count() > 1) return false;
    parts_.erase(it);
    released.push_back(node_type);
    return true;
  }
  std::string scratch(const std::string& key) const override { return (scratch_ / key).string(); }
  std::vector<graph::ArtefactInfo> infos;
  std::vector<std::string> released;  ///< Node types.
  std::atomic<int> open_now{0};       ///< Artefacts.
  std::atomic<int> open_most{0};      ///< At one time.

 private:
  struct Content {
    std::mutex mutex;
    std::map<std::uint32_t, Record> records;
    std::size_t size = 0;
    bool until_used = false;
  };
  class Open final : public graph::Artefact {
   public:
    Open(std::shared_ptr<Content> content, MemoryStore& store)
        : content_(std::move(content)), store_(store) {
      const int now = ++store_.open_now;
      int most = store_.open_most;
      while (most < now && !store_.open_most.compare_exchange_weak(most, now)) {
      }
    }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;
    ~Open() override { --store_.open_now; }
    bool has(std::uint32_t part) const override {
      const std::lock_guard lock(content_->mutex);
      return content_->records.contains(part);
    }
    Record load(std::uint32_t part) const override {
      const std::lock_guard lock(content_->mutex);
      return content_->records.at(part);
    }
    void save(std::uint32_t part, const Record& record) override {
      const std::lock_guard lock(content_->mutex);
      content_->records[part] = record;
    }
    void flush() override {}

   private:
    std::shared_ptr<Content> content_;
    MemoryStore& store_;
  };
  test::TempFolder scratch_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Content>> parts_;
};

inline graph::InputValue cohort(std::vector<int> parts) {
  std::string digest;
  for (const int p : parts) digest += std::to_string(p) + " ";
  return {graph::seal(Cohort{std::move(parts)}), type_of<Cohort>(), digest};
}

}  // namespace mito::toy
