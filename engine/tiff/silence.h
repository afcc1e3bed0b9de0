#pragma once

namespace mito::tiff {

/// Stops libtiff from printing for whoever else in the process uses it (OpenSlide, OpenCV). Files
/// opened by this library keep their messages. May be called at any time, by several threads.
void silence_libtiff();

}  // namespace mito::tiff
