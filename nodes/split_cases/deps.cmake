set(STAGE_DEPS mito::slide)
