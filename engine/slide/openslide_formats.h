#pragma once
#include <string>

namespace mito {

/// The formats that an OpenSlide of this version ("3.4.1") reads beside plain TIFF, in words, and
/// what further ones need: "Aperio, ..., Ventana; not DICOM (from 4.0.0)".
std::string openslide_formats(const std::string& version);

}  // namespace mito
