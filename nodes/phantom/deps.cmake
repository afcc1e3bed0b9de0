set(STAGE_DEPS mito::image mito::tiff nlohmann_json::nlohmann_json)
