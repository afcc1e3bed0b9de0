# What every target of the project shares, and the three functions that declare targets.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)  # the network library links the core into a shared object
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
find_program(MITO_CCACHE ccache)
if(MITO_CCACHE)
  # It takes the precompiled header of the tests for unsafe unless told.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
      ${MITO_CCACHE})
endif()

add_library(mito_warnings INTERFACE)
target_compile_options(mito_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wimplicit-fallthrough
  $<$<BOOL:${MITO_WERROR}>:-Werror>)

# mito_library(NAME core [GLUE] SOURCES ... DEPS ... PRIVATE_DEPS ...) -> target mito_core, alias mito::core
# GLUE: no loop over pixels or weights in it. -O1, which compiles in three quarters of the time of -O3.
function(mito_library)
  cmake_parse_arguments(ARG "GLUE" "NAME" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(mito_${ARG_NAME} STATIC ${ARG_SOURCES})
  add_library(mito::${ARG_NAME} ALIAS mito_${ARG_NAME})
  target_include_directories(mito_${ARG_NAME} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(mito_${ARG_NAME} PUBLIC ${ARG_DEPS} PRIVATE mito_warnings ${ARG_PRIVATE_DEPS})
  if(ARG_GLUE)
    target_compile_options(mito_${ARG_NAME} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
endfunction()

# mito_test(NAME graph_test SOURCES ... DEPS ... LABELS unit [WHOLE] [SLOW filter] [TIMEOUT s])
# WHOLE: one CTest entry for the whole binary, for programs that are slow to start.
# SLOW: tests of it that are labelled `slow` instead, by a filter of GoogleTest; CI leaves these out.
# Tests are compiled for a short build rather than for speed: -O0, and one precompiled header.
function(mito_test)
  cmake_parse_arguments(ARG "WHOLE" "NAME;TIMEOUT;SLOW" "SOURCES;DEPS;LABELS" ${ARGN})
  if("vectors" IN_LIST ARG_LABELS AND NOT MITO_VECTOR_TESTS)
    return()
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main mito_warnings)
  target_compile_options(${ARG_NAME} PRIVATE
    -O0 $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)  # the latter for ccache
  add_dependencies(${ARG_NAME} mito_codecs mito_read_hdf5 mito_try_slide)  # by name, by whatever reads a picture, a model, a slide
  target_precompile_headers(${ARG_NAME} REUSE_FROM mito_test_headers)
  target_compile_definitions(${ARG_NAME} PRIVATE MITO_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                                 MITO_BINARY_DIR="${PROJECT_BINARY_DIR}")
  if(ARG_WHOLE)
    add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME})
    set_tests_properties(${ARG_NAME} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  elseif(ARG_SLOW)
    gtest_discover_tests(${ARG_NAME} TEST_FILTER "-${ARG_SLOW}" TEST_LIST ${ARG_NAME}_quick
                         PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
    gtest_discover_tests(${ARG_NAME} TEST_FILTER "${ARG_SLOW}" TEST_LIST ${ARG_NAME}_slow
                         PROPERTIES LABELS slow TIMEOUT ${ARG_TIMEOUT})
  else()
    gtest_discover_tests(${ARG_NAME} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  endif()
endfunction()

# mito_stage_tests([EXCEPT a_test.cpp ...]): <stage>_test.cpp in this folder becomes nodes_<stage>_test,
# which tests the pure half of that stage. <stage>_TEST_DEPS are what it links beside it.
function(mito_stage_tests)
  cmake_parse_arguments(ARG "" "" "EXCEPT" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *_test.cpp)
  list(REMOVE_ITEM sources ${ARG_EXCEPT} "")
  foreach(source IN LISTS sources)
    string(REGEX REPLACE "_test\\.cpp$" "" stage ${source})
    mito_test(NAME nodes_${stage}_test SOURCES ${source}
              DEPS mito::stage_${stage} ${${stage}_TEST_DEPS} LABELS unit)
  endforeach()
endfunction()

# Reads nodes/STAGES: for every folder a pure library (all sources that do not end in _node.cpp), a
# node library, and a line in the generated registry. A folder may hold `sources.cmake`, which sets
# STAGE_SOURCES to sources it generates.
function(mito_stages list)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})
  file(STRINGS ${list} lines REGEX "^[a-z]")
  foreach(line IN LISTS lines)
    string(REGEX MATCHALL "[^ ]+" words "${line}")
    list(POP_FRONT words folder)
    get_filename_component(stage ${folder} NAME)
    file(GLOB pure CONFIGURE_DEPENDS ${folder}/*.cpp)
    list(FILTER pure EXCLUDE REGEX "_node\\.cpp$")
    list(TRANSFORM words PREPEND mito::)
    list(TRANSFORM words REPLACE "^mito::json$" nlohmann_json::nlohmann_json)
    list(TRANSFORM words REPLACE "^mito::spdlog$" spdlog::spdlog)
    list(TRANSFORM words REPLACE "^mito::opencv$" "${OpenCV_LIBS}")
    set(STAGE_SOURCES "")
    include(${CMAKE_CURRENT_SOURCE_DIR}/${folder}/sources.cmake OPTIONAL)
    if(pure)
      mito_library(NAME stage_${stage} SOURCES ${pure} ${STAGE_SOURCES}
                   DEPS mito::types ${words})
      set(words mito::stage_${stage})
    endif()
    mito_library(NAME node_${stage} GLUE SOURCES ${folder}/${stage}_node.cpp
                 DEPS ${words} mito::graph mito::types)
    list(APPEND targets mito::node_${stage})
    string(APPEND declarations "void register_${stage}(graph::Registry& registry);\n")
    string(APPEND entries "    {\"${folder}\", register_${stage}},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/registry.cpp CONTENT [[
#include "nodes/registry.h"

namespace mito::nodes {
@declarations@
static constexpr Stage kStages[]{
@entries@};

std::span<const Stage> stages() { return kStages; }

void register_all(graph::Registry& registry) {
  for (const Stage& stage : kStages) stage.register_types(registry);
}
}  // namespace mito::nodes
]] @ONLY)
  mito_library(NAME nodes GLUE SOURCES ${CMAKE_CURRENT_BINARY_DIR}/registry.cpp DEPS mito::graph
               PRIVATE_DEPS ${targets})
endfunction()
