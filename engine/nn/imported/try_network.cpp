#include <cstdlib>
#include <string>

#include "engine/nn/imported/network_trial.h"

/// mito_try_network onnx|torchscript COUNT SIDE, with the network as its file 3: not for people;
/// mitoloom runs it before it opens a network made elsewhere.
int main(int count, char** arguments) {
  constexpr int kNetwork = 3;
  if (count != 4) return EXIT_FAILURE;
  return mito::nn::serve_network_trial({.is_script = arguments[1] == std::string("torchscript"),
                                        .count = std::atoll(arguments[2]),
                                        .side = std::atoll(arguments[3])},
                                       kNetwork);
}
