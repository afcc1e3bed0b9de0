set(VECTOR_DEPS mito::stain)
