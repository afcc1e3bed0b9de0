#pragma once
#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "engine/config/param_io.h"
#include "engine/core/described.h"
#include "engine/core/file_digests.h"
#include "engine/core/params.h"
#include "engine/graph/packet.h"

namespace mito::graph {

/// Where and how often a body may run at once. Parallelism belongs to the graph, not to bodies.
enum class Concurrency : std::uint8_t {
  Parallel,  ///< Any worker, any number at a time.
  Serial,    ///< Any worker, one at a time.
  Device,    ///< One dedicated thread, so that waiting for an accelerator never idles a worker.
};

/// The part of a node that people read: its name, its place in the paper, its purpose.
struct NodeInfo {
  std::string_view type;     ///< YAML name, snake_case, unique.
  int version;               ///< Bump when the same inputs would give different outputs.
  std::string_view paper;    ///< "IV-A", "App. A", or "-" for plumbing.
  std::string_view summary;  ///< One sentence, present tense.
  Concurrency concurrency = Concurrency::Parallel;
  bool sink = false;  ///< Writes files: may end a pipeline without being an output.
};

/// What a body may know beside its inputs. A node asks for it by taking `const NodeContext&` right
/// after its parameters.
struct NodeContext {
  std::string node;                  ///< Id in the pipeline file: the name of random streams.
  std::filesystem::path out_folder;  ///< Results of this item (slide) go here; exists.
  std::filesystem::path scratch;   ///< Survives a kill; belongs to this content key; may not exist.
  std::string key;                 ///< Content key of the node's result.
  std::string device = "auto";     ///< auto, cpu or cuda, from the command line.
  FileDigests* digests = nullptr;  ///< What is known of the content of files; null: nothing.
  std::function<bool()> stop = [] { return false; };          ///< Asked to stop: throw Interrupted.
  std::function<void(const std::string&, double)> progress =  ///< Message, fraction done in [0, 1].
      [](const std::string&, double) {};
  std::function<std::map<std::string, double>()> seconds =  ///< Busy seconds per node, this item.
      [] { return std::map<std::string, double>{}; };

  /// The device of the command line, where it names one; else the node's own.
  const std::string& device_or(const std::string& own) const {
    return device == "auto" ? own : device;
  }
  /// Sub-folder of the output folder that is named after the included part this node stands in
  /// ("cnn3" for detector.cnn3.members): a part may be included more than once. Made when it does
  /// not exist. The output folder itself for a node of no part.
  std::filesystem::path part_folder() const;
};

/// Identity of one element of an item-level expansion.
struct ItemIdentity {
  std::string digest;  ///< Content identity: equal digests, equal content.
  std::string name;    ///< For people: the slide's file name.
  std::string folder;  ///< Sub-folder of the output folder; empty = the output folder itself.
};

struct Port {
  std::string_view name;
  const TypeDesc* type = nullptr;
  bool optional = false;
};

/// Inputs of one call, in port order; null where an optional port is not connected.
using Inputs = std::span<const Data>;

class MapBody {
 public:
  virtual ~MapBody() = default;
  virtual Data run(const NodeContext& context, Inputs in) const = 0;
};

class ExpandBody {
 public:
  struct Plan {
    Data state;
    std::uint32_t size = 0;
  };
  virtual ~ExpandBody() = default;
  virtual Plan plan(const NodeContext& context, Inputs in) const = 0;
  virtual Data element(const Plan& plan, std::uint32_t index) const = 0;
  /// Without an identity of its own, an element is known by its index.
  virtual std::optional<ItemIdentity> identity(const Plan& plan, std::uint32_t index) const = 0;
};

class ReduceBody {
 public:
  virtual ~ReduceBody() = default;
  /// `context_in`: the ports after the first.
  virtual std::shared_ptr<void> begin(const NodeContext& context,
                                      std::uint32_t size,
                                      Inputs context_in) const = 0;
  /// How many leading elements an interrupted run has already added, by its own checkpoint.
  virtual std::uint32_t resumes_at(const NodeContext& context) const = 0;
  virtual void add(void* acc, std::uint32_t index, const Data& in) const = 0;
  virtual Data finish(std::shared_ptr<void> acc) const = 0;
};

using Body = std::
    variant<std::unique_ptr<MapBody>, std::unique_ptr<ExpandBody>, std::unique_ptr<ReduceBody>>;

enum class Shape : std::uint8_t { Map, Expand, Reduce };

/// Parameters of one node, read and checked.
struct BoundParams {
  std::string canonical;  ///< Parameter part of the content key.
  std::vector<config::ParamRow> rows;
  std::function<Body()> make;
  Concurrency concurrency = Concurrency::Parallel;
};

/// Everything the engine knows about a node type: derived once, from the node struct.
struct NodeType {
  NodeInfo info;
  Shape shape = Shape::Map;
  bool takes_context = false;
  std::vector<Port> inputs;
  Port output;
  std::function<BoundParams(const config::Value* params, const std::string& owner, Diagnostics&)>
      bind;
  std::function<Record(const Data&)> encode;  ///< Empty when the output cannot be stored.
  std::function<Data(const Record&)> decode;
  std::function<Layout()> layout;               ///< Empty when the output does not describe itself.
  std::function<Summary(const Data&)> summary;  ///< The same.
  std::function<std::string(const Data&)> written_file;  ///< Of a sink: relative to the out folder.
};

// ---------------------------------------------------------------------------------------------
// Adapters. A node struct has kInfo, kInputs, kOutput, optionally `Params`, and one of
//
//   map     static Out run(const Params&, [const NodeContext&,] const In&... | const In*...)
//           with `static State prepare(const Params&)`, State takes the place of Params; it is
//           built on the first call, once
//   expand  static Plan plan(const Params&, [const NodeContext&,] const In&...), where Plan has
//   size();
//           static Out element(const Plan&, std::uint32_t index);
//           optionally static ItemIdentity identity(const Plan&, std::uint32_t index)
//   reduce  static Acc begin(const Params&, [const NodeContext&,] std::uint32_t size, const
//   Context&...);
//           static void add(Acc&, std::uint32_t index, const In&);  static Out finish(Acc)
//           (the first name in kInputs is the reduced stream, the others are the Context);
//           optionally static std::uint32_t resumes_at(const Params&, const NodeContext&): how many
//           leading elements a checkpoint in the scratch folder holds already. They are not made
//           again: begin() restores the checkpoint and add() goes on from that index. Parts only
//
// An input taken by pointer is optional: null when the pipeline does not connect it.
// Optionally `static Concurrency concurrency(const Params&)`, and
// `static std::string check(const Params&)`: what is wrong with the parameters together, or empty.

namespace detail {

template <class T>
struct Arg;
template <class T>
struct Arg<const T&> {
  using type = T;
  static constexpr bool kOptional = false;
  static const T& get(const Data& data) { return *static_cast<const T*>(data.get()); }
};
template <class T>
struct Arg<const T*> {
  using type = T;
  static constexpr bool kOptional = true;
  static const T* get(const Data& data) { return static_cast<const T*>(data.get()); }
};

template <class F>
struct Signature;
template <class R, class P, class... In>
struct Signature<R (*)(const P&, In...)> {
  using Out = R;
  using First = P;
  using Args = std::tuple<Arg<In>...>;
  static constexpr bool kContext = false;
};
template <class R, class P, class... In>
struct Signature<R (*)(const P&, const NodeContext&, In...)> {
  using Out = R;
  using First = P;
  using Args = std::tuple<Arg<In>...>;
  static constexpr bool kContext = true;
};

template <class F>
struct BeginSignature;
template <class R, class P, class... In>
struct BeginSignature<R (*)(const P&, std::uint32_t, In...)> {
  using Acc = R;
  using Args = std::tuple<Arg<In>...>;
  static constexpr bool kContext = false;
};
template <class R, class P, class... In>
struct BeginSignature<R (*)(const P&, const NodeContext&, std::uint32_t, In...)> {
  using Acc = R;
  using Args = std::tuple<Arg<In>...>;
  static constexpr bool kContext = true;
};

template <class F>
struct AddSignature;
template <class A, class T>
struct AddSignature<void (*)(A&, std::uint32_t, const T&)> {
  using In = T;
};

template <class N>
struct ParamsOf {
  using type = NoParams;
};
template <class N>
requires requires { typename N::Params; }
struct ParamsOf<N> {
  using type = typename N::Params;
};

template <class Args, class F>
decltype(auto) unpack(Inputs in, F&& f) {
  return [&]<std::size_t... I>(std::index_sequence<I...>)->decltype(auto) {
    return f(std::tuple_element_t<I, Args>::get(in[I])...);
  }
  (std::make_index_sequence<std::tuple_size_v<Args>>{});
}

}  // namespace detail

template <class N>
concept MapNode = requires {
  &N::run;
};
template <class N>
concept ExpandNode = requires {
  &N::plan;
  &N::element;
};
template <class N>
concept ReduceNode = requires {
  &N::begin;
  &N::add;
  &N::finish;
};

namespace detail {

template <class N>
class MapAdapter final : public MapBody {
 public:
  using Sig = Signature<decltype(&N::run)>;
  using Params = typename ParamsOf<N>::type;
  explicit MapAdapter(Params params) : params_(std::move(params)) {}

  Data run(const NodeContext& context, Inputs in) const override {
    return unpack<typename Sig::Args>(in, [&](const auto&... args) {
      if constexpr (Sig::kContext) {
        return seal(N::run(first(), context, args...));
      } else {
        return seal(N::run(first(), args...));
      }
    });
  }

 private:
  const typename Sig::First& first() const {
    if constexpr (requires(const Params& p) { N::prepare(p); }) {
      std::call_once(once_, [this] { state_.emplace(N::prepare(params_)); });
      return *state_;
    } else {
      return params_;
    }
  }
  const Params params_;
  mutable std::once_flag once_;
  mutable std::optional<typename Sig::First> state_;
};

template <class N>
class ExpandAdapter final : public ExpandBody {
 public:
  using Sig = Signature<decltype(&N::plan)>;
  using State = typename Sig::Out;
  using Params = typename ParamsOf<N>::type;
  explicit ExpandAdapter(Params params) : params_(std::move(params)) {}

  Plan plan(const NodeContext& context, Inputs in) const override {
    State state = unpack<typename Sig::Args>(in, [&](const auto&... args) {
      if constexpr (Sig::kContext) {
        return N::plan(params_, context, args...);
      } else {
        return N::plan(params_, args...);
      }
    });
    const auto size = static_cast<std::uint32_t>(state.size());
    return {seal(std::move(state)), size};
  }
  Data element(const Plan& plan, std::uint32_t index) const override {
    return seal(N::element(*static_cast<const State*>(plan.state.get()), index));
  }
  std::optional<ItemIdentity> identity(const Plan& plan, std::uint32_t index) const override {
    if constexpr (requires(const State& s) { N::identity(s, 0U); }) {
      return N::identity(*static_cast<const State*>(plan.state.get()), index);
    } else {
      return std::nullopt;
    }
  }

 private:
  const Params params_;
};

template <class N>
class ReduceAdapter final : public ReduceBody {
 public:
  using Sig = BeginSignature<decltype(&N::begin)>;
  using Acc = typename Sig::Acc;
  using In = typename AddSignature<decltype(&N::add)>::In;
  using Params = typename ParamsOf<N>::type;
  explicit ReduceAdapter(Params params) : params_(std::move(params)) {}

  std::shared_ptr<void> begin(const NodeContext& context,
                              std::uint32_t size,
                              Inputs context_in) const override {
    return unpack<typename Sig::Args>(context_in, [&](const auto&... args) {
      if constexpr (Sig::kContext) {
        return std::make_shared<Acc>(N::begin(params_, context, size, args...));
      } else {
        return std::make_shared<Acc>(N::begin(params_, size, args...));
      }
    });
  }
  std::uint32_t resumes_at([[maybe_unused]] const NodeContext& context) const override {
    if constexpr (requires { N::resumes_at(params_, context); }) {
      return N::resumes_at(params_, context);
    } else {
      return 0;
    }
  }
  void add(void* acc, std::uint32_t index, const Data& in) const override {
    N::add(*static_cast<Acc*>(acc), index, *static_cast<const In*>(in.get()));
  }
  Data finish(std::shared_ptr<void> acc) const override {
    return seal(N::finish(std::move(*static_cast<Acc*>(acc.get()))));
  }

 private:
  const Params params_;
};

template <class... A>
std::vector<Port> ports([[maybe_unused]] std::span<const std::string_view> names,
                        std::type_identity<std::tuple<A...>>) {
  std::size_t i = 0;
  return {Port{names[i++], type_of<typename A::type>(), A::kOptional}...};
}

template <class N, class Out>
void set_output(NodeType& type) {
  type.output = {N::kOutput, type_of<Out>()};
  if constexpr (N::kInfo.sink) {
    type.written_file = [](const Data& data) { return static_cast<const Out*>(data.get())->path; };
  }
  if constexpr (Storable<Out>) {
    type.encode = [](const Data& data) {
      return Codec<Out>::encode(*static_cast<const Out*>(data.get()));
    };
    type.decode = [](const Record& record) { return seal(Codec<Out>::decode(record)); };
  }
  if constexpr (DescribedPayload<Out>) {
    type.layout = &Codec<Out>::layout;
    type.summary = [](const Data& data) {
      return Codec<Out>::summary(*static_cast<const Out*>(data.get()));
    };
  }
}

}  // namespace detail

/// Derives the whole NodeType from the node struct; the only template developers meet.
template <class N>
NodeType describe_node() {
  using Params = typename detail::ParamsOf<N>::type;
  static_assert(Described<Params>, "Params needs describe() and member defaults");
  static constexpr auto kNames = N::kInputs;

  NodeType type;
  type.info = N::kInfo;
  std::function<Body(const Params&)> make;
  if constexpr (MapNode<N>) {
    using Sig = detail::Signature<decltype(&N::run)>;
    static_assert(kNames.size() == std::tuple_size_v<typename Sig::Args>,
                  "kInputs must name every input of run(), in order");
    type.shape = Shape::Map;
    type.takes_context = Sig::kContext;
    type.inputs = detail::ports(kNames, std::type_identity<typename Sig::Args>{});
    detail::set_output<N, typename Sig::Out>(type);
    make = [](const Params& p) -> Body { return std::make_unique<detail::MapAdapter<N>>(p); };
  } else if constexpr (ExpandNode<N>) {
    using Sig = detail::Signature<decltype(&N::plan)>;
    using Element = decltype(N::element(std::declval<const typename Sig::Out&>(), 0U));
    static_assert(kNames.size() == std::tuple_size_v<typename Sig::Args>,
                  "kInputs must name every input of plan(), in order");
    type.shape = Shape::Expand;
    type.takes_context = Sig::kContext;
    type.inputs = detail::ports(kNames, std::type_identity<typename Sig::Args>{});
    detail::set_output<N, Element>(type);
    make = [](const Params& p) -> Body { return std::make_unique<detail::ExpandAdapter<N>>(p); };
  } else {
    static_assert(ReduceNode<N>,
                  "a node has run(), or plan()+element(), or begin()+add()+finish()");
    using Sig = detail::BeginSignature<decltype(&N::begin)>;
    using In = typename detail::AddSignature<decltype(&N::add)>::In;
    using Out = decltype(N::finish(std::declval<typename Sig::Acc>()));
    static_assert(kNames.size() == 1 + std::tuple_size_v<typename Sig::Args>,
                  "kInputs must name the reduced stream and every context input of begin()");
    type.shape = Shape::Reduce;
    type.takes_context = Sig::kContext;
    type.inputs = {Port{kNames[0], type_of<In>(), false}};
    for (const auto& port :
         detail::ports(std::span(kNames).subspan(1), std::type_identity<typename Sig::Args>{}))
      type.inputs.push_back(port);
    detail::set_output<N, Out>(type);
    make = [](const Params& p) -> Body { return std::make_unique<detail::ReduceAdapter<N>>(p); };
  }

  type.bind = [make, info = type.info](const config::Value* map, const std::string& owner,
                                       Diagnostics& out) {
    Params params;
    config::ParamReader reader(map, owner, out);
    Params::describe(params, reader);
    reader.reject_unknown_keys();

    BoundParams bound;
    config::Canonical canonical;
    Params::describe(std::as_const(params), canonical);
    bound.canonical = canonical.text;
    config::RowWriter rows;
    Params::describe(std::as_const(params), rows);
    config::RowWriter defaults;
    const Params default_params;
    Params::describe(default_params, defaults);
    bound.rows = std::move(rows.rows);
    for (std::size_t i = 0; i < bound.rows.size(); ++i) {
      bound.rows[i].default_value = defaults.rows[i].value;
      const config::Value* given = map == nullptr ? nullptr : map->find(bound.rows[i].name);
      if (given != nullptr)
        bound.rows[i].set_by = given->given_by.empty() ? "file" : given->given_by;
    }
    if constexpr (requires { N::check(params); }) {
      const std::string problem = N::check(params);
      if (!problem.empty() && map != nullptr) out.add(map->pos, owner + ": " + problem);
    }
    bound.concurrency = info.concurrency;
    if constexpr (requires { N::concurrency(params); }) bound.concurrency = N::concurrency(params);
    bound.make = [make, params] { return make(params); };
    return bound;
  };
  return type;
}

/// All node types by YAML name. Filled by explicit calls, never by static initialisers.
class Registry {
 public:
  template <class N>
  void add() {
    insert(describe_node<N>());
  }
  std::shared_ptr<const NodeType> find(std::string_view type) const;  ///< Null when unknown.
  std::vector<std::string> names() const;                             ///< Sorted.

 private:
  void insert(NodeType type);
  std::vector<std::shared_ptr<const NodeType>> types_;
};

}  // namespace mito::graph
