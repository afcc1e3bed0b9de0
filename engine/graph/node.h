#pragma once
// From a node struct to the NodeType that the engine knows.
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "engine/config/param_io.h"
#include "engine/core/described.h"
#include "engine/core/foresight.h"
#include "engine/core/output_file.h"
#include "engine/core/params.h"
#include "engine/core/record.h"
#include "engine/graph/node_type.h"
#include "engine/graph/packet.h"

namespace mito::graph {

// ---------------------------------------------------------------------------------------------
// Adapters. A node struct has kInfo and one of
//
//   map     static Out run(params, inputs...)
//           with `static State prepare(const Params&)`, State takes the place of the parameters; it
//           is built on the first call, once
//   expand  static Plan plan(params, inputs...), where Plan has size();
//           static Out element(const Plan&, std::uint32_t index);
//           optionally static ItemIdentity identity(const Plan&, std::uint32_t index), and
//           static ItemName listed(const Plan&, std::uint32_t index), its names without reading it
//   reduce  static Acc begin(params, std::uint32_t size, inputs behind the first...); without it,
//           Acc{};
//           static void add(Acc&, std::uint32_t index, const In&), of the first input;
//           static Out finish(params, Acc); without it, Acc is the result;
//           optionally static std::uint32_t resumes_at(const Params&, const NodeContext&): how many
//           leading elements a checkpoint in the scratch folder holds already. They are not made
//           again: begin() restores the checkpoint and add() goes on from that index. Parts only
//
// Functions take what they need: `const Params&`, `const NodeContext&`, size and index may be left
// out. An input is taken as `const T&`, or as `const T*` when it is optional: null when the
// pipeline does not connect it. A result that is an OutputFile, or several, is written into the
// output folder; what travels on is the FileArtifact.
//
// What is wrong with the parameters together is said by `std::string check(const Params&)`, empty
// for nothing: a function beside Params, or a static one of the node.
//
// Optionally, for what is to be known before anything is computed (engine/core/foresight.h):
//
//   static std::shared_ptr<const T> foretell(const Params&, const Foresight&)
//       what nodes behind it may know of the result; without it, a map passes on what is known of
//       the input that has the type of its output, and a node that measures tells that
//   static std::optional<Measured> measures(const Params&, const Foresight&)
//       that it measures cases, and which, as far as known: no run measures a case that its network
//       or its thresholds have seen
//   static std::vector<std::string> warnings(const Params&, const Foresight&)
//   static Cost cost(const Params&, const T&), for a value of type T that may reach it: as if the
//       whole of it counted; or
//   static std::optional<Costs> cost(const Params&, const Foresight&), of all its results; nullopt
//       when their number or size is not known

namespace detail {

template <class T>
concept IsPayload = requires {
  Payload<T>::kDesc;
};

/// What one parameter of a node's function is filled with.
template <class A>
struct Slot {
  static constexpr bool kPort = false;
  static constexpr bool kGiven = false;
};
template <class T>
struct Slot<const T&> {
  using Type = T;
  static constexpr bool kPort = IsPayload<T>;
  static constexpr bool kOptional = false;
  static constexpr bool kGiven = !kPort;
};
template <>
struct Slot<const NodeContext&> {
  static constexpr bool kPort = false;
  static constexpr bool kGiven = false;
};
template <class T>
struct Slot<const T*> {
  using Type = T;
  static constexpr bool kPort = true;
  static constexpr bool kOptional = true;
  static constexpr bool kGiven = false;
};

/// Everything that a node's function may be given.
struct Call {
  const void* given;  ///< Parameters, or what prepare() made of them.
  const NodeContext& context;
  std::uint32_t size;
  Inputs in;
};

template <class A>
A argument(const Call& call, [[maybe_unused]] std::size_t& next) {
  if constexpr (std::is_same_v<A, const NodeContext&>) {
    return call.context;
  } else if constexpr (std::is_same_v<A, std::uint32_t>) {
    return call.size;
  } else if constexpr (std::is_pointer_v<A>) {
    return static_cast<A>(call.in[next++].get());
  } else if constexpr (Slot<A>::kPort) {
    return *static_cast<const typename Slot<A>::Type*>(call.in[next++].get());
  } else {
    return *static_cast<const typename Slot<A>::Type*>(call.given);
  }
}

/// The parameters that functions take: the first argument that is no input, or none.
template <class... A>
struct GivenOf {
  using Type = NoParams;
};
template <class A, class... Rest>
struct GivenOf<A, Rest...> : GivenOf<Rest...> {};
template <class A, class... Rest>
requires Slot<A>::kGiven struct GivenOf<A, Rest...> {
  using Type = typename Slot<A>::Type;
};

template <class F>
struct Function;
template <class R, class... A>
struct Function<R (*)(A...)> {
  using Out = R;
  using Given = typename GivenOf<A...>::Type;
  static constexpr std::size_t kPorts = (std::size_t{0} + ... + std::size_t{Slot<A>::kPort});
  static constexpr bool kContext = (false || ... || std::is_same_v<A, const NodeContext&>);

  /// Appends its ports.
  static void list(const Names& names, std::vector<Port>& ports) {
    (list_one<A>(names, ports), ...);
  }
  static R call(R (*f)(A...), const Call& call) {
    [[maybe_unused]] std::size_t next = 0;
    return std::apply(f, std::tuple<A...>{argument<A>(call, next)...});
  }

 private:
  template <class One>
  static void list_one(const Names& names, std::vector<Port>& ports) {
    if constexpr (Slot<One>::kPort)
      ports.push_back(
          {names[ports.size()], type_of<typename Slot<One>::Type>(), Slot<One>::kOptional});
  }
};

/// Of add(): what is summed, and of what.
template <class F>
struct Adding;
template <class A, class T>
struct Adding<void (*)(A&, const T&)> {
  using Acc = A;
  using In = T;
  static constexpr bool kIndex = false;
};
template <class A, class T>
struct Adding<void (*)(A&, std::uint32_t, const T&)> {
  using Acc = A;
  using In = T;
  static constexpr bool kIndex = true;
};

/// Writes the files, syncs them, and tells the last. Throws DataError.
FileArtifact write_files(const std::filesystem::path& folder, const OutputFiles& files);

template <class Out>
constexpr bool kWrites = std::is_same_v<Out, OutputFile> || std::is_same_v<Out, OutputFiles>;

template <class Out>
Data sealed(Out result, [[maybe_unused]] const std::filesystem::path& folder) {
  if constexpr (std::is_same_v<Out, OutputFile>) {
    return seal(write_files(folder, {std::move(result)}));
  } else if constexpr (std::is_same_v<Out, OutputFiles>) {
    return seal(write_files(folder, result));
  } else {
    return seal(std::move(result));
  }
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
  &N::add;
};

namespace detail {

template <class N>
class MapAdapter final : public MapBody {
 public:
  using Run = Function<decltype(&N::run)>;
  static constexpr bool kPrepares = requires { &N::prepare; };
  static auto params_of() {
    if constexpr (kPrepares) {
      return std::type_identity<typename Function<decltype(&N::prepare)>::Given>{};
    } else {
      return std::type_identity<typename Run::Given>{};
    }
  }
  using Params = typename decltype(params_of())::type;
  using Out = typename Run::Out;
  static constexpr Shape kShape = Shape::Map;
  static constexpr bool kContext = Run::kContext;
  static void list(std::vector<Port>& ports) { Run::list(N::kInfo.inputs, ports); }
  static constexpr std::size_t kPorts = Run::kPorts;

  explicit MapAdapter(Params params) : params_(std::move(params)) {}

  Data run(const NodeContext& context, Inputs in) const override {
    return sealed(Run::call(&N::run, {&given(), context, 0, in}), context.out_folder);
  }

 private:
  const typename Run::Given& given() const {
    if constexpr (kPrepares) {
      std::call_once(once_, [this] { state_.emplace(N::prepare(params_)); });
      return *state_;
    } else {
      return params_;
    }
  }
  const Params params_;
  mutable std::once_flag once_;
  mutable std::optional<typename Run::Given> state_;
};

template <class N>
class ExpandAdapter final : public ExpandBody {
 public:
  using MakePlan = Function<decltype(&N::plan)>;
  using State = typename MakePlan::Out;
  using Params = typename MakePlan::Given;
  using Out = decltype(N::element(std::declval<const State&>(), 0U));
  static constexpr Shape kShape = Shape::Expand;
  static constexpr bool kContext = MakePlan::kContext;
  static void list(std::vector<Port>& ports) { MakePlan::list(N::kInfo.inputs, ports); }
  static constexpr std::size_t kPorts = MakePlan::kPorts;

  explicit ExpandAdapter(Params params) : params_(std::move(params)) {}

  Plan plan(const NodeContext& context, Inputs in) const override {
    State state = MakePlan::call(&N::plan, {&params_, context, 0, in});
    const auto size = static_cast<std::uint32_t>(state.size());
    return {seal(std::move(state)), size};
  }
  Data element(const Plan& plan, std::uint32_t index) const override {
    return seal(N::element(*static_cast<const State*>(plan.state.get()), index));
  }
  void prepare(const Plan& plan, std::uint32_t index) const override {
    if constexpr (requires(const State& s) { N::prepare(s, 0U); })
      N::prepare(*static_cast<const State*>(plan.state.get()), index);
  }
  std::optional<ItemIdentity> identity(const Plan& plan, std::uint32_t index) const override {
    if constexpr (requires(const State& s) { N::identity(s, 0U); }) {
      return N::identity(*static_cast<const State*>(plan.state.get()), index);
    } else {
      return std::nullopt;
    }
  }
  std::optional<ItemName> listed(const Plan& plan, std::uint32_t index) const override {
    if constexpr (requires(const State& s) { N::listed(s, 0U); }) {
      return N::listed(*static_cast<const State*>(plan.state.get()), index);
    } else {
      return std::nullopt;
    }
  }

 private:
  const Params params_;
};

/// A reduce that has no begin() starts with an empty sum, without finish() the sum is the result.
template <class Acc>
Acc begin_empty() {
  return {};
}
template <class Acc>
Acc finish_as_is(Acc acc) {
  return acc;
}

template <class N>
class ReduceAdapter final : public ReduceBody {
 public:
  using Add = Adding<decltype(&N::add)>;
  static constexpr auto begin_of() {
    if constexpr (requires { &N::begin; }) {
      return &N::begin;
    } else {
      return &begin_empty<typename Add::Acc>;
    }
  }
  static auto finish_of() {
    if constexpr (requires { &N::finish; }) {
      return &N::finish;
    } else {
      return &finish_as_is<typename Add::Acc>;
    }
  }
  using Begin = Function<decltype(begin_of())>;
  using Finish = Function<decltype(finish_of())>;
  static constexpr bool kFinishTakesParams = !std::is_same_v<typename Finish::Given, NoParams>;
  using Params =
      std::conditional_t<kFinishTakesParams, typename Finish::Given, typename Begin::Given>;
  using Out = typename Finish::Out;
  static constexpr Shape kShape = Shape::Reduce;
  static constexpr bool kContext = Begin::kContext;
  static void list(std::vector<Port>& ports) {
    ports.push_back({N::kInfo.inputs[0], type_of<typename Add::In>(), false});
    Begin::list(N::kInfo.inputs, ports);
  }
  static constexpr std::size_t kPorts = 1 + Begin::kPorts;

  explicit ReduceAdapter(Params params) : params_(std::move(params)) {}

  std::shared_ptr<void> begin(const NodeContext& context,
                              std::uint32_t size,
                              Inputs context_in) const override {
    return std::make_shared<Sum>(
        Sum{Begin::call(begin_of(), {&params_, context, size, context_in}), context.out_folder});
  }
  std::uint32_t resumes_at([[maybe_unused]] const NodeContext& context) const override {
    if constexpr (requires { N::resumes_at(params_, context); }) {
      return N::resumes_at(params_, context);
    } else {
      return 0;
    }
  }
  void add(void* sum, [[maybe_unused]] std::uint32_t index, const Data& in) const override {
    auto& acc = static_cast<Sum*>(sum)->acc;
    const auto& element = *static_cast<const typename Add::In*>(in.get());
    if constexpr (Add::kIndex) {
      N::add(acc, index, element);
    } else {
      N::add(acc, element);
    }
  }
  Data finish(std::shared_ptr<void> sum) const override {
    auto& all = *static_cast<Sum*>(sum.get());
    if constexpr (kFinishTakesParams) {
      return sealed(finish_of()(params_, std::move(all.acc)), all.folder);
    } else {
      return sealed(finish_of()(std::move(all.acc)), all.folder);
    }
  }

 private:
  struct Sum {
    typename Add::Acc acc;
    std::filesystem::path folder;
  };
  const Params params_;
};

template <class N>
struct AdapterOf {
  static_assert(ReduceNode<N>, "a node has run(), or plan() and element(), or add()");
  using Type = ReduceAdapter<N>;
};
template <MapNode N>
struct AdapterOf<N> {
  using Type = MapAdapter<N>;
};
template <ExpandNode N>
struct AdapterOf<N> {
  using Type = ExpandAdapter<N>;
};

template <class Out>
void set_output(NodeType& type) {
  type.output = {type.info.output, type_of<Out>()};
  if constexpr (std::is_same_v<Out, FileArtifact>) {
    if (type.info.sink)
      type.written_file = [](const Data& data) {
        return static_cast<const Out*>(data.get())->path;
      };
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

/// Parameters as read, with what is to be printed of them.
BoundParams bind_fields(const config::FieldList& fields,
                        const NodeInfo& info,
                        const config::Value* map,
                        const std::string& owner,
                        Diagnostics& out);

template <class N, class P>
std::string problem_of([[maybe_unused]] const P& params) {
  if constexpr (requires { N::check(params); }) {
    return N::check(params);
  } else if constexpr (requires {
                         { check(params) } -> std::same_as<std::string>;
                       }) {
    return check(params);
  } else {
    return {};
  }
}

/// Calls what a node says ahead, which may leave the parameters out.
template <class F, class P>
auto ask(F f, [[maybe_unused]] const P& params, const Foresight& ahead) {
  if constexpr (std::invocable<F, const P&, const Foresight&>) {
    return f(params, ahead);
  } else {
    return f(ahead);
  }
}

template <class T>
Foretold foretold(std::shared_ptr<const T> value) {
  return {std::move(value), &typeid(T)};
}

template <class P, class T>
const TypeDesc* cost_of(Cost (*)(const P&, const T&)) {
  return type_of<T>();
}
template <class P, class T>
Cost cost_at(Cost (*cost)(const P&, const T&), const P& params, const void* value) {
  return cost(params, *static_cast<const T*>(value));
}

template <class N, class P>
void set_foresight(const std::shared_ptr<const P>& params, BoundParams& bound) {
  if constexpr (requires { &N::foretell; })
    bound.foretell = [params](const Foresight& ahead) {
      return foretold(ask(&N::foretell, *params, ahead));
    };
  if constexpr (requires { &N::measures; })
    bound.measures = [params](const Foresight& ahead) { return ask(&N::measures, *params, ahead); };
  if constexpr (requires { &N::warnings; })
    bound.warnings = [params](const Foresight& ahead) { return ask(&N::warnings, *params, ahead); };
  if constexpr (requires(const P& p, const Foresight& ahead) { N::cost(p, ahead); }) {
    bound.cost_ahead = [params](const Foresight& ahead) { return N::cost(*params, ahead); };
  } else if constexpr (requires { &N::cost; }) {
    bound.cost_of = cost_of(&N::cost);
    bound.cost = [params](const void* value) { return cost_at(&N::cost, *params, value); };
  }
}

}  // namespace detail

/// Derives the whole NodeType from the node struct; the only template developers meet.
template <class N>
NodeType describe_node() {
  using Adapter = typename detail::AdapterOf<N>::Type;
  using Params = typename Adapter::Params;
  using Out = typename Adapter::Out;
  static_assert(Described<Params>, "Params needs describe() and member defaults");
  static_assert(N::kInfo.inputs.size() == Adapter::kPorts,
                "kInfo.inputs must name every input of the function, in order");

  NodeType type;
  type.info = N::kInfo;
  type.shape = Adapter::kShape;
  type.takes_context = Adapter::kContext || detail::kWrites<Out>;
  type.measures = requires { &N::measures; };
  Adapter::list(type.inputs);
  detail::set_output<std::conditional_t<detail::kWrites<Out>, FileArtifact, Out>>(type);
  type.bind = [info = type.info](const config::Value* map, const std::string& owner,
                                 Diagnostics& out) {
    Params params;
    config::FieldList fields;
    Params::describe(params, fields);
    BoundParams bound = detail::bind_fields(fields, info, map, owner, out);
    const std::string problem = detail::problem_of<N>(std::as_const(params));
    if (!problem.empty() && map != nullptr) out.add(map->pos, owner + ": " + problem);
    const auto shared = std::make_shared<const Params>(std::move(params));
    detail::set_foresight<N>(shared, bound);
    bound.make = [shared]() -> Body { return std::make_unique<Adapter>(*shared); };
    return bound;
  };
  return type;
}

}  // namespace mito::graph
