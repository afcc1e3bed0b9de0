set(STAGE_DEPS mito::nn mito::stats nlohmann_json::nlohmann_json)
