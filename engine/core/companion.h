#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace mito {

/// Where a file that belongs to the program, but is not in it, may lie: where the environment
/// variable `variable` says, when it says something; else beside the program, in ../lib/mitoloom
/// from there, and in `build_folder`, where it was built.
std::vector<std::filesystem::path> companion_places(const char* variable,
                                                    const std::string& name,
                                                    const std::filesystem::path& build_folder);

/// The first of these that can be run. Throws DataError that begins with `work`, such as "HDF5
/// files from outside are read", and names the places, when none can.
std::filesystem::path companion_program(const char* variable,
                                        const std::string& name,
                                        const std::filesystem::path& build_folder,
                                        const std::string& work);

/// A shared library of ours that is opened when it is first needed, since it brings much with it.
struct CompanionLibrary {
  void* handle = nullptr;  ///< Of dlopen, never closed: LibTorch does not survive dlclose.
  std::string tried;       ///< Without a handle: the places with the reason for each, a line each.
};

/// The first of the places whose library has the function `version_symbol`, an extern "C" `int()`,
/// that says `version`. Never throws.
CompanionLibrary companion_library(const char* variable,
                                   const std::string& name,
                                   const std::filesystem::path& build_folder,
                                   const char* version_symbol,
                                   int version);

}  // namespace mito
