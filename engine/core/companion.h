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
/// It stays open: LibTorch does not survive dlclose.
struct CompanionLibrary {
  const char* variable;  ///< The name, and where it may lie, as above.
  const char* name;
  const char* build_folder;
  const char* version_symbol;  ///< Of an extern "C" `int()`.
  int version;                 ///< What that has to say.
  const char* entry_symbol;    ///< What is looked for in it.
};

/// What a library has to offer.
struct CompanionEntry {
  void* entry = nullptr;
  std::string tried = {};  ///< Without an entry: the places with the reason for each, a line each.
};

/// From the first of the places whose library fits. Never throws.
CompanionEntry open_companion(const CompanionLibrary& library);

}  // namespace mito
