set(VECTOR_DEPS mito::image)
