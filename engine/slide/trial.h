#pragma once
#include <filesystem>
#include <string>

/// Slides of formats in which a few bytes of text make OpenSlide take any amount of memory. Where
/// there is none, GLib ends the process: so they are opened by a process of its own first, the
/// program `mito_try_slide`, which has limits and nothing to lose.
namespace mito::slide {

/// Does `vendor`, as OpenSlide names it, need that? Not what takes no more than the file holds:
/// plain TIFF and that of Aperio.
bool needs_trial(const std::string& vendor);

/// Throws DataError naming the file when its process ended by it. What OpenSlide refuses is left to
/// whoever opens it next.
void try_to_open(const std::filesystem::path& file);

/// The program that does. Throws DataError when it is not there.
std::filesystem::path trial_program();

/// The work of the program, in its own process: opens `file`. Returns its exit code.
int serve_trial(const std::filesystem::path& file);

}  // namespace mito::slide
