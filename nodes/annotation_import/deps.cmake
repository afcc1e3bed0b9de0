set(STAGE_DEPS mito::stats nlohmann_json::nlohmann_json ${OpenCV_LIBS})
