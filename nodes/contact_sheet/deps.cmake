set(STAGE_DEPS mito::image mito::slide ${OpenCV_LIBS})
