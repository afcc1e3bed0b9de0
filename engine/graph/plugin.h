#pragma once
// What a plug-in includes: a shared library with node types of its own (docs/plugins.md).
//
//     struct KeepDark { ... };  // engine/graph/node.h
//
//     MITOLOOM_PLUGIN(registry) { registry.add<KeepDark>(); }
#include "engine/graph/node.h"
#include "engine/graph/plugin_abi.h"

// All that the layout of what goes between program and plug-in depends on, as one text.
#define MITOLOOM_QUOTED(text) #text
#define MITOLOOM_TEXT(macro) MITOLOOM_QUOTED(macro)
#if defined(__clang__)
#define MITOLOOM_COMPILER "clang " MITOLOOM_TEXT(__clang_major__)
#else
#define MITOLOOM_COMPILER "gcc " MITOLOOM_TEXT(__GNUC__)
#endif
#if defined(_GLIBCXX_RELEASE)
#define MITOLOOM_LIBRARY \
  "libstdc++ " MITOLOOM_TEXT(_GLIBCXX_RELEASE) " (ABI " MITOLOOM_TEXT(_GLIBCXX_USE_CXX11_ABI) ")"
#else
#define MITOLOOM_LIBRARY "another standard library"
#endif
#if defined(_GLIBCXX_DEBUG)
#define MITOLOOM_CONTAINERS ", debug containers"
#else
#define MITOLOOM_CONTAINERS ""
#endif
#if defined(__SANITIZE_ADDRESS__)
#define MITOLOOM_SANITIZER ", address sanitizer"
#elif defined(__SANITIZE_THREAD__)
#define MITOLOOM_SANITIZER ", thread sanitizer"
#else
#define MITOLOOM_SANITIZER ""
#endif
/// "mitoloom 0.2.0, headers 1a2b3c4d5e6f, gcc 12, libstdc++ 12 (ABI 1)"
#define MITOLOOM_ABI                                                                \
  "mitoloom " MITOLOOM_VERSION ", headers " MITOLOOM_HEADERS ", " MITOLOOM_COMPILER \
  ", " MITOLOOM_LIBRARY MITOLOOM_CONTAINERS MITOLOOM_SANITIZER
/// What stands before it in a plug-in, so that it is found before any code of the plug-in runs.
#define MITOLOOM_ABI_MARK "mitoloom plug-in, ABI: "

/// Once in a plug-in, with a body that adds its node types to `registry`.
#define MITOLOOM_PLUGIN(registry)                                                 \
  extern "C" {                                                                    \
  __attribute__((visibility("default"))) extern const char mitoloom_plugin_abi[]; \
  const char mitoloom_plugin_abi[] = MITOLOOM_ABI_MARK MITOLOOM_ABI;              \
  __attribute__((visibility("default"))) void mitoloom_plugin_register(           \
      mito::graph::Registry& registry);                                           \
  }                                                                               \
  void mitoloom_plugin_register(mito::graph::Registry& registry)
