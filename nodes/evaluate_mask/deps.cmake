set(STAGE_DEPS mito::slide nlohmann_json::nlohmann_json)
