#pragma once
#include "engine/graph/graph.h"

namespace mito::cli {

/// Refuses a pipeline that measures a case on which its thresholds were chosen or its network was
/// trained, or a slide that is a copy of one of these, before anything is computed: no case is in
/// two sets (method 1.4). Which nodes measure,
/// and what they know ahead, they say themselves (Measured). What is not known yet (a network that
/// the pipeline trains, slides that it draws, files that do not exist) is left to the nodes that
/// measure, which refuse it when they see it. Throws DataError naming node and case or slide, or
/// what is wrong with a file.
void refuse_seen_cases(const mito::graph::Graph& graph);

/// Prints what nodes want to be said before a run, such as which files of a pattern are no slides;
/// and columns of tables that name files (`@table.csv`) which nothing takes.
void warn_ahead(const mito::graph::Graph& graph);

}  // namespace mito::cli
