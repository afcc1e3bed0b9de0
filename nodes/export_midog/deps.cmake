set(STAGE_DEPS nlohmann_json::nlohmann_json)
