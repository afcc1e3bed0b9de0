set(STAGE_DEPS mito::image mito::slide mito::stats ${OpenCV_LIBS})
