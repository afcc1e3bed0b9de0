set(VECTOR_DEPS mito::image mito::stats mito::core)
