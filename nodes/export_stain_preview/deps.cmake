set(STAGE_DEPS mito::slide ${OpenCV_LIBS})
