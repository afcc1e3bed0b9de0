set(STAGE_DEPS mito::slide mito::stats nlohmann_json::nlohmann_json)
