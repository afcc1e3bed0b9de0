#include <cstdlib>

#include "engine/slide/trial.h"

/// mito_try_slide FILE: not for people; mitoloom runs it before it opens slides of some formats.
int main(int count, char** arguments) {
  return count == 2 ? mito::slide::serve_trial(arguments[1]) : EXIT_FAILURE;
}
