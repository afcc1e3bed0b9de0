set(STAGE_DEPS mito::annotations)
