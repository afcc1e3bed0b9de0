set(STAGE_DEPS mito::nn mito::report mito::stats nlohmann_json::nlohmann_json)
