set(STAGE_DEPS mito::slide mito::nn nlohmann_json::nlohmann_json)
