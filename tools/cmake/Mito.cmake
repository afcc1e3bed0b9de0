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
  $<$<BOOL:${MITO_WERROR}>:-Werror>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wno-subobject-linkage>)  # a source in a unity build looks like a header

# mito_library(NAME core [GLUE] [APART] SOURCES ... DEPS ... PRIVATE_DEPS ...) -> target mito_core, alias mito::core
# GLUE: no loop over pixels or weights in it. -O1, which compiles in three quarters of the time of -O3.
# APART: its sources have names in common, so that none is compiled with another (presets with CMAKE_UNITY_BUILD).
function(mito_library)
  cmake_parse_arguments(ARG "GLUE;APART" "NAME" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(mito_${ARG_NAME} STATIC ${ARG_SOURCES})
  add_library(mito::${ARG_NAME} ALIAS mito_${ARG_NAME})
  target_include_directories(mito_${ARG_NAME} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(mito_${ARG_NAME} PUBLIC ${ARG_DEPS} PRIVATE mito_warnings ${ARG_PRIVATE_DEPS})
  if(ARG_GLUE)
    target_compile_options(mito_${ARG_NAME} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  if(ARG_APART)
    set_target_properties(mito_${ARG_NAME} PROPERTIES UNITY_BUILD OFF)
  endif()
endfunction()

# mito_test(NAME graph_test SOURCES ... DEPS ... LABELS unit [WHOLE] [SLOW filter] [TIMEOUT s])
# WHOLE: one CTest entry for the whole binary, for programs that are slow to start. Sanitizers make every program such: with
# MITO_HALVED_TESTS there are two for each, with half of the tests.
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
  add_dependencies(${ARG_NAME} mito_codecs mito_read_hdf5 mito_try_network mito_try_slide)  # by name, by whatever reads a picture, a model, a slide
  set_target_properties(${ARG_NAME} PROPERTIES UNITY_BUILD OFF)  # helpers of tests have short names
  target_precompile_headers(${ARG_NAME} REUSE_FROM mito_test_headers)
  target_compile_definitions(${ARG_NAME} PRIVATE MITO_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                                 MITO_BINARY_DIR="${PROJECT_BINARY_DIR}")
  if(MITO_HALVED_TESTS)
    if(ARG_SLOW)
      set(filter "--gtest_filter=-${ARG_SLOW}")
    endif()
    foreach(half 0 1)
      add_test(NAME ${ARG_NAME}_${half} COMMAND ${ARG_NAME} ${filter})
      set_tests_properties(${ARG_NAME}_${half} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 600
                           ENVIRONMENT "GTEST_TOTAL_SHARDS=2;GTEST_SHARD_INDEX=${half}")
    endforeach()
  elseif(ARG_WHOLE)
    add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME})
    set_tests_properties(${ARG_NAME} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  elseif(ARG_SLOW)
    gtest_discover_tests(${ARG_NAME} DISCOVERY_TIMEOUT 60 TEST_FILTER "-${ARG_SLOW}" TEST_LIST ${ARG_NAME}_quick
                         PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
    gtest_discover_tests(${ARG_NAME} DISCOVERY_TIMEOUT 60 TEST_FILTER "${ARG_SLOW}" TEST_LIST ${ARG_NAME}_slow
                         PROPERTIES LABELS slow TIMEOUT ${ARG_TIMEOUT})
  else()
    gtest_discover_tests(${ARG_NAME} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  endif()
endfunction()

# mito_stage_tests([EXCEPT a_test.cpp ...]): <stage>_test.cpp in this folder becomes nodes_<stage>_test,
# which tests the pure half of that stage. <stage>_TEST_DEPS are what it links beside it.
# MITO_JOINED_TESTS: all of a folder become one program, nodes_<part>_stages_test, compiled in a third of the time.
function(mito_stage_tests)
  cmake_parse_arguments(ARG "" "" "EXCEPT" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *_test.cpp)
  list(REMOVE_ITEM sources ${ARG_EXCEPT} "")
  set(all "")
  foreach(source IN LISTS sources)
    string(REGEX REPLACE "_test\\.cpp$" "" stage ${source})
    list(APPEND all mito::stage_${stage} ${${stage}_TEST_DEPS})
    if(NOT MITO_JOINED_TESTS)
      mito_test(NAME nodes_${stage}_test SOURCES ${source}
                DEPS mito::stage_${stage} ${${stage}_TEST_DEPS} LABELS unit)
    endif()
  endforeach()
  if(MITO_JOINED_TESTS)
    get_filename_component(part ${CMAKE_CURRENT_SOURCE_DIR} NAME)
    list(REMOVE_DUPLICATES all)
    mito_test(NAME nodes_${part}_stages_test SOURCES ${sources} DEPS ${all} LABELS unit)
    set_target_properties(nodes_${part}_stages_test PROPERTIES UNITY_BUILD ON)
  endif()
endfunction()

# Reads nodes/STAGES: for every folder a pure library (all sources that do not end in _node.cpp) and a line in the
# generated registry; for every part of the paper one library of its nodes, mito::nodes_<part>. A folder may hold
# `sources.cmake`, which sets STAGE_SOURCES to sources it generates.
function(mito_stages list)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})
  file(STRINGS ${list} lines REGEX "^[a-z]")
  foreach(line IN LISTS lines)
    string(REGEX MATCHALL "[^ ]+" words "${line}")
    list(POP_FRONT words folder)
    get_filename_component(stage ${folder} NAME)
    get_filename_component(part ${folder} DIRECTORY)
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
    list(APPEND parts ${part})
    list(APPEND ${part}_nodes ${folder}/${stage}_node.cpp)
    list(APPEND ${part}_deps ${words})
    string(APPEND declarations "void register_${stage}(graph::Registry& registry);\n")
    string(APPEND entries "    {\"${folder}\", register_${stage}},\n")
  endforeach()
  list(REMOVE_DUPLICATES parts)
  foreach(part IN LISTS parts)
    mito_library(NAME nodes_${part} GLUE SOURCES ${${part}_nodes}
                 DEPS ${${part}_deps} mito::graph mito::types)
    list(APPEND targets mito::nodes_${part})
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
