#pragma once
#include <cstddef>
#include <functional>
#include <vector>

#include "engine/core/file_digests.h"
#include "engine/graph/graph.h"
#include "tools/cohort/deal.h"

namespace mito::cohort {

/// What one task of a run did.
struct TaskReport {
  mito::graph::RunReport run;                ///< Of the slides that it worked on.
  std::size_t done = 0;                      ///< Slides that are done, by whomever.
  std::size_t slides = 0;                    ///< All.
  std::vector<mito::graph::Failure> failed;  ///< Slides that failed, by whomever, as far as known.
  /// Nothing is left for any task. Then the files of the run itself are there, too.
  bool finished = false;
};

struct Tasks {
  Shard shard;
  /// A slide at which so many processes ended one after another, without a word, is given up: it
  /// has failed. 0: never.
  int most_lost = 3;
  /// Called before slides are begun, with the options of their run.
  std::function<void(const mito::graph::RunOptions&)> before;
  /// Called by the task that finds all slides done, once what is made of all of them is there.
  std::function<void()> finish;
};

/// Works on the slides of a run as one of several tasks, which share its output folder and its
/// store. A task begins with the slides dealt to it and goes on with those that nobody has begun; a
/// slide that failed is not tried again by another, nor one that has ended too many. Throws as
/// Graph::run and Graph::items do, and DataError when a run of its own works in the output folder.
TaskReport work(mito::graph::Graph& graph,
                const mito::graph::RunOptions& options,
                FileDigests& digests,
                const Tasks& tasks);

}  // namespace mito::cohort
