// Callboard: a self-hosted audience-engagement server. Everything starts in app/.

#include "app/command_line.hpp"

int main(int argc, char** argv) {
  return callboard::app::run(argc, argv);
}
