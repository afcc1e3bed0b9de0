set(STAGE_DEPS mito::stats)
