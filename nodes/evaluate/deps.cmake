set(STAGE_DEPS mito::nn mito::slide mito::stats nlohmann_json::nlohmann_json)
